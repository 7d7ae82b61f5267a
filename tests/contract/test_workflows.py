"""Every shipped workflow, found by folder scan, runs on a stock server that has its models."""

from __future__ import annotations

import gzip
import itertools
import pathlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from movie_director.core.footprints import load_footprints
from movie_director.core.workflow import QUALITIES, WORK, Input, Pin, Workflow
from movie_director.core.workflow_file import read_workflow
from movie_director.core.workflow_library import SHIPPED, shipped_workflows
from movie_director.core.workflow_values import LoRA
from movie_director.executors._comfyui.check import Finding, check_prompt
from movie_director.executors._comfyui.inject import fill
from movie_director.executors._comfyui.object_info import ObjectInfo, parse_object_info
from movie_director.executors._comfyui.stock import STOCK_VERSION, stock_nodes
from movie_director.executors._comfyui.templates import base_prompt

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "comfyui"
WORKFLOWS = shipped_workflows()
#: Stock servers that were recorded, and where.
RECORDED = {"0.3.64": "0.3.64", "0.8.0": "0.8", "0.33.0": "0.33"}
#: Models whose text encoder or weights a server came to know between two of those; read in
#: comfy/sd.py and comfy/model_detection.py.  Nothing in their nodes tells it.
KNOWN_SINCE = {"z-image": "0.8.0", "qwen3": "0.8.0", "flux2": "0.8.0", "stable-audio-3": "0.33.0"}
#: What no stock node of 0.33 can do, so no workflow says it can (docs/workflows.md).
BEYOND_STOCK = {"speech"}

EXAMPLES: dict[str, Any] = {
    "text": "A rainy street [0] {\"a\": 1} $(x)",
    "seed": 2**64 - 1,
    "image": "movie_director/a.png",
    "audio": "a.wav",
    "video": "a.mp4",
    "folder": "3d",
    "model": "a.safetensors",
    "bool": True,
    "loras": (LoRA(file="mara.safetensors", strength=0.8), LoRA(file="noir.safetensors")),
}  # fmt: skip


@cache
def server(version: str) -> ObjectInfo:
    """A recorded stock server, without the laboratory nodes the recording had."""
    path = DATA / version / "object_info.json.gz"
    return parse_object_info(gzip.decompress(path.read_bytes()), path.name)


def example(input: Input, which: str) -> Any:
    if input.type in ("int", "float"):
        value = getattr(input, which)
        if value is None:
            value = input.default if input.default is not None else 1
        if which == "maximum" and input.step and input.minimum is not None:
            value = input.minimum + (value - input.minimum) // input.step * input.step
        return int(value) if input.type == "int" else float(value)
    if input.type == "choice":
        return input.choices[0 if which == "minimum" else -1]
    return EXAMPLES[input.type]


def variations(workflow: Workflow) -> Iterator[dict[str, Any]]:
    """Only what is required; everything at its least; everything at its most; one absent each."""
    for which in ("minimum", "maximum"):
        everything = {each.name: example(each, which) for each in workflow.inputs}
        yield everything
    optional = [each for each in workflow.inputs if not each.required]
    yield {each.name: everything[each.name] for each in workflow.inputs if each.required}
    for absent in optional:
        yield {name: value for name, value in everything.items() if name != absent.name}


def refused(workflow: Workflow, prompt: dict[str, Any], info: ObjectInfo) -> list[Finding]:
    """What a server would refuse that has the workflow's models and the files put in."""
    files = {model.file for each in workflow.precisions for model in each.models}
    given = {value for value in EXAMPLES.values() if isinstance(value, str)}
    given |= {lora.file for lora in EXAMPLES["loras"]}

    def there(finding: Finding) -> bool:
        value = prompt[finding.node]["inputs"].get(finding.input) if finding.node else None
        return finding.kind == "missing_file" and value in files | given

    return [each for each in check_prompt(prompt, info) if not there(each)]


@pytest.mark.parametrize("id", sorted(WORKFLOWS))
def test_a_shipped_workflow_is_accepted_by_stock_servers(id: str) -> None:
    workflow = WORKFLOWS[id]
    base = base_prompt(workflow)
    for precision, values in itertools.product(workflow.precisions, variations(workflow)):
        prompt = fill(workflow, base, values, precision=precision.name)
        for version, folder in RECORDED.items():
            if not workflow.too_new(precision, version):
                found = refused(workflow, prompt, server(folder))
                assert found == [], f"{version}, {precision.name}, {sorted(values)}: {found}"


def test_models_that_older_servers_do_not_know_ask_for_a_newer_one() -> None:
    for workflow, (family, since) in itertools.product(WORKFLOWS.values(), KNOWN_SINCE.items()):
        for precision in workflow.precisions:
            if any(model.id.startswith(family) for model in precision.models):
                before = next(each for each in reversed(RECORDED) if _older(each, since))
                assert workflow.too_new(precision, before), (workflow.id, precision.name, family)


def _older(version: str, than: str) -> bool:
    return list(map(int, version.split("."))) < list(map(int, than.split(".")))


@pytest.mark.parametrize("id", sorted(WORKFLOWS))
def test_every_value_put_in_arrives_where_it_belongs(id: str) -> None:
    workflow = WORKFLOWS[id]
    values = next(variations(workflow))
    prompt = fill(workflow, base_prompt(workflow), values)
    lost = [
        (each.name, str(pin))
        for each in workflow.inputs
        if each.type != "loras"
        for pin in each.pins
        if prompt.get(pin.node, {"inputs": {}})["inputs"].get(pin.input) != values[each.name]
    ]
    assert lost == []
    assert all(set(node) == {"inputs", "class_type", "_meta"} for node in prompt.values())


@pytest.mark.parametrize("id", sorted(WORKFLOWS))
def test_every_model_that_is_sent_is_declared_and_its_footprint_known(id: str) -> None:
    workflow, footprints = WORKFLOWS[id], load_footprints()
    for precision in workflow.precisions:
        required = {
            each.name: example(each, "minimum") for each in workflow.inputs if each.required
        }
        required.pop("loras", None)
        without = [each for each in workflow.inputs if each.name == "loras" and each.required]
        if without:
            required["loras"] = EXAMPLES["loras"]
        prompt = fill(workflow, base_prompt(workflow), required, precision=precision.name)
        sent = {
            (Pin(node=node, input=name), value)
            for node, each in prompt.items()
            for name, value in each["inputs"].items()
            if isinstance(value, str) and value.endswith((".safetensors", ".pth"))
            if not node.startswith("lora:")
        }
        declared = {(pin, model.file) for model in precision.models for pin in model.pins}
        assert sent == declared
        for model in precision.models:
            assert model.id in footprints.sizes, model.id
            found = footprints.by_file(model.file)
            assert found is not None, model.file
            assert found.id == model.id


def test_every_kind_is_covered_in_draft_and_better() -> None:
    lacking = []
    for kind in WORK:
        qualities = {each.quality for each in WORKFLOWS.values() if each.kind == kind}
        if kind in BEYOND_STOCK:
            assert not qualities, kind
        elif kind.startswith("test_") or kind in ("text", "depth_to_image"):
            lacking += [] if qualities else [kind]
        elif not {"draft"} <= qualities or not qualities & set(QUALITIES[1:]):
            lacking.append(f"{kind}: {sorted(qualities)}")
    assert lacking == []


def test_a_character_can_be_kept_by_every_tier() -> None:
    tiers = {each.tier for each in WORKFLOWS.values() if each.kind == "character_variation"}
    assert tiers == {"baseline", "enhanced", "ultimate"}


def test_every_workflow_says_whose_it_is() -> None:
    for workflow in WORKFLOWS.values():
        if not workflow.kind.startswith("test_"):
            assert workflow.licence, workflow.id
            assert workflow.made_by, workflow.id


def test_what_lies_beside_the_workflows_is_known() -> None:
    others = {path.name for path in SHIPPED.iterdir() if path.suffix != ".yaml"}
    assert others <= {
        "__init__.py",
        "__pycache__",
        "footprints",
        "installation",
        "wan2gp",
        "stock_nodes.json.gz",
    }


def test_the_record_of_stock_nodes_is_that_of_the_recorded_server() -> None:
    recorded = server("0.33")
    assert STOCK_VERSION == "0.33.0"
    for name in stock_nodes():
        assert stock_nodes()[name].inputs == recorded[name].inputs or _wordless(name)
        assert stock_nodes()[name].outputs == recorded[name].outputs


def _wordless(name: str) -> bool:
    """Whether a class is the same but for the words the record leaves out."""
    plain = [
        (each.name, each.type, each.optional, each.choices) for each in stock_nodes()[name].inputs
    ]
    return plain == [
        (each.name, each.type, each.optional, each.choices) for each in server("0.33")[name].inputs
    ]


def test_the_example_of_the_guide_is_a_workflow_that_servers_accept(
    tmp_path: pathlib.Path,
) -> None:
    guide = DATA.parents[2] / "docs" / "workflows.md"
    text = guide.read_text("utf-8").split("<!-- file: one_colour.yaml -->\n```yaml\n")[1]
    path = tmp_path / "one_colour.yaml"
    path.write_text(text.split("```")[0], encoding="utf-8")
    workflow = read_workflow(path, own=True)
    for values, version in itertools.product(variations(workflow), ("0.33", "0.8")):
        prompt = fill(workflow, base_prompt(workflow), values)
        assert refused(workflow, prompt, server(version)) == []
