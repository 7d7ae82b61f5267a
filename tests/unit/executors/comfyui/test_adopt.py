"""Anyone's graph as a workflow: tried on every official template that stock nodes can load."""

from __future__ import annotations

import json
import pathlib
from collections import Counter
from importlib import resources

from movie_director.core.errors import InputError
from movie_director.core.footprints import load_footprints
from movie_director.core.jsonable import readable
from movie_director.core.workflow_file import read_workflow
from movie_director.executors._comfyui.adopt import adopt
from movie_director.executors._comfyui.bindings import find_bindings
from movie_director.executors._comfyui.convert import MissingNodes, convert_file
from movie_director.executors._comfyui.stock import stock_nodes
from movie_director.executors._comfyui.templates import named_models
from movie_director.executors._comfyui.workflow_check import workflow_standing

TEMPLATES = resources.files("comfyui_workflow_templates_json") / "templates"
#: Prefixes of templates that are of paid services, or no templates.
OTHERS = ("api_", "index", "fuse_options")


def test_every_template_that_saves_something_becomes_a_workflow(tmp_path: pathlib.Path) -> None:
    info, footprints = stock_nodes(), load_footprints()
    outcome: Counter[str] = Counter()
    wrong = []
    for file in sorted(TEMPLATES.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".json") or file.name.startswith(OTHERS):
            continue
        value = json.loads(file.read_text("utf-8"))
        try:
            prompt = convert_file(value, info)
            named = {each.file: each for each in named_models(value)}
            adopted = adopt("mine", prompt, info, footprints, named=named)
        except MissingNodes:
            outcome["nodes"] += 1
            continue
        except InputError as error:
            outcome[error.what] += 1
            continue
        (tmp_path / "mine.json").write_text(readable(adopted.graph), encoding="utf-8")
        (tmp_path / "mine.yaml").write_text(adopted.text, encoding="utf-8")
        workflow = read_workflow(tmp_path / "mine.yaml", own=True)
        outcome["prompt" if "prompt" in adopted.bound else "no prompt"] += 1
        problems = workflow_standing(workflow, info, footprints).problems
        wrong += [f"{file.name}: {each}" for each in problems if "has no file" not in each]
    assert wrong == []
    refused = {said for said in outcome if " " in said} - {"no prompt"}
    assert refused == {"Nothing in this workflow saves a picture, a clip or a sound."}
    assert sum(outcome[said] for said in refused) <= 12, outcome
    assert outcome["prompt"] >= 9 * outcome["no prompt"], outcome


def test_a_seed_that_is_not_used_and_a_text_that_is_zeroed_are_not_bound() -> None:
    prompt = convert_file(
        json.loads((TEMPLATES / "video_wan2_2_14B_i2v.json").read_text()), stock_nodes()
    )
    pins = find_bindings(prompt, stock_nodes()).pins
    assert [str(pin) for pin in pins["seed"]] == ["129:86.noise_seed"]
    assert [str(pin) for pin in pins["negative"]] == ["129:89.text"]
    zeroed = convert_file(
        json.loads((TEMPLATES / "image_z_image_turbo.json").read_text()), stock_nodes()
    )
    assert "negative" not in find_bindings(zeroed, stock_nodes()).pins
