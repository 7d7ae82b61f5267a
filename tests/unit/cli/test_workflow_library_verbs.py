"""``movie-director workflow list | show | render | check | import``."""

from __future__ import annotations

import json
import pathlib
from importlib import resources
from typing import Any

import pytest
from movie_director.cli import main
from movie_director.core.footprints import own_footprints_path
from movie_director.core.workflow import Workflow
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.core.workflow_values import LoRA
from movie_director.executors._comfyui.inject import fill
from movie_director.executors._comfyui.templates import base_prompt

from tests.comfyui_data import DATA, recorded
from tests.servers.comfyui import ComfyServer
from tests.workflow_files import SMALL, written

TEMPLATES = resources.files("comfyui_workflow_templates_json") / "templates"
OLD = str(DATA / "0.8" / "object_info.json.gz")


@pytest.fixture(autouse=True)
def own(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The user's own workflows lie in the test's folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    monkeypatch.setattr("movie_director.core.workflow_library.user_data_folder", lambda: folder)
    mine = folder / "movie-director" / "workflows"
    mine.mkdir(parents=True)
    return mine


def workflow(*words: str) -> int:
    return main(["workflow", *words])


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_list_shows_what_there_is_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert workflow("list", "--kind", "music", "--json") == 0
    found = {each["id"]: each for each in said(capsys)}
    assert found["ace_step_final"]["quality"] == "final"
    assert {each["kind"] for each in found.values()} == {"music"}


def test_list_shows_the_user_s_own_and_tells_of_broken_ones(
    own: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(own)
    written(own, "nonsense", "broken.yaml")
    assert workflow("list") == 0
    heard = capsys.readouterr()
    assert "draft, your own" in heard.out
    assert "broken.yaml" in heard.err


def test_show_tells_what_it_takes_and_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert workflow("show", "wan_t2v_draft") == 0
    heard = capsys.readouterr().out
    assert "int 5 to 121 in steps of 4 frames = 81" in heard
    assert "diffusion_models/wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors" in heard
    assert workflow("show", "absent") == 2


def test_render_prints_exactly_what_would_be_sent(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "prompt=rain = wet", "--set", "seed=18446744073709551615"]
    assert workflow("render", "wan_t2v_draft", *words, "--set", "loras=a.safetensors:0.5") == 0
    found = WorkflowLibrary.open()["wan_t2v_draft"]
    values = {"prompt": "rain = wet", "seed": 2**64 - 1,
              "loras": (LoRA(file="a.safetensors", strength=0.5),)}  # fmt: skip
    assert said(capsys) == fill(found, base_prompt(found), values)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "needs 'prompt'"),
        (["--set", "prompt"], "sets no input"),
        (["--set", "prompt=a", "--set", "frames=80"], "in steps of 4"),
        (["--set", "prompt=a", "--precision", "q4"], "no precision 'q4'"),
    ],
)
def test_render_refuses_what_does_not_fit(
    words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workflow("render", "wan_t2v_draft", *words) == 2
    assert what in capsys.readouterr().err


def test_check_names_missing_models_with_folder_source_and_size(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert workflow("check", "wan_t2v_final", "--json") == 0
    found = said(capsys)["wan_t2v_final"]
    assert (found["problems"], found["ready"]) == ([], False)
    file = "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors"
    (model,) = [each for each in found["missing"]["fp8"] if each["file"] == file]
    assert model["folder"] == "diffusion_models"
    assert model["url"].startswith("https://huggingface.co/")
    assert model["bytes"] > 10**10


def test_check_tells_what_an_old_server_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert workflow("check", "ace_step_final", "--object-info", OLD) == 1
    assert "the server has no class 'TextEncodeAceStepAudio1.5'" in capsys.readouterr().out
    assert workflow("check", "test_video", "--object-info", OLD) == 0
    assert "test_video: ready" in capsys.readouterr().out


def test_check_asks_for_no_model_that_the_running_server_is_too_old_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ComfyServer("0.8.0") as server:
        server.classes = recorded("0.8/object_info")
        assert workflow("check", "stable_audio_3_effect_draft", "--url", server.url) == 1
        heard = capsys.readouterr().out
        assert "cannot run there\n  it needs ComfyUI 0.33.0 or newer; there is 0.8.0\n" in heard
        assert "safetensors" not in heard
        assert workflow("check", "z_image_turbo_draft", "--url", server.url, "--json") == 0
        assert list(said(capsys)["z_image_turbo_draft"]["missing"]) == ["bf16"]
    with ComfyServer("0.3.64") as server:
        server.classes = recorded("0.3.64/object_info")
        assert workflow("check", "character_baseline_draft", "--url", server.url) == 1
        assert "it needs ComfyUI 0.8.0 or newer; there is 0.3.64" in capsys.readouterr().out


def imported(name: str, own: pathlib.Path, **also: str) -> Workflow:
    path = pathlib.Path(f"{name}.json")
    path.write_text((TEMPLATES / f"{name}.json").read_text("utf-8"), encoding="utf-8")
    options = [word for key, value in also.items() for word in (f"--{key}", value)]
    assert workflow("import", str(path), "--name", "mine", "--force", *options) == 0
    return WorkflowLibrary.open()["mine"]


@pytest.mark.parametrize(
    ("template", "kind", "bound"),
    [
        ("image_z_image_turbo", "text_to_image", {"prompt", "seed", "width", "height", "steps"}),
        ("video_wan2_2_14B_i2v", "image_to_video",
         {"prompt", "negative", "seed", "start_image", "width", "height", "frames", "fps"}),
        ("video_wan2_2_14B_flf2v", "keyframes_to_video",
         {"prompt", "negative", "seed", "start_image", "end_image", "width", "height", "frames"}),
        ("audio_ace_step_1_5_checkpoint", "music", {"prompt", "lyrics", "seed", "seconds"}),
        ("audio_stable_audio_example", "sound_effect", {"prompt", "negative", "seed", "seconds"}),
        ("image_qwen_image_edit", "image_edit", {"prompt", "image", "seed"}),
        ("utility-gan_upscaler", "upscale_video", {"video"}),
    ],
)  # fmt: skip
def test_an_imported_workflow_is_bound_and_renders_what_its_author_made(
    template: str, kind: str, bound: set[str], own: pathlib.Path
) -> None:
    found = imported(template, own)
    assert found.kind == kind
    assert bound <= {each.name for each in found.inputs}
    values = {each.name: "a.png" for each in found.inputs if each.required}
    prompt = fill(found, base_prompt(found), values)
    changed = [
        (id, name)
        for id, node in prompt.items()
        for name, value in node["inputs"].items()
        if value != base_prompt(found)[id]["inputs"].get(name)
    ]
    pins = {(pin.node, pin.input) for each in found.inputs for pin in each.pins}
    assert set(changed) <= pins


def test_frames_of_an_import_keep_to_the_makers_grid(own: pathlib.Path) -> None:
    frames = imported("video_wan2_2_14B_flf2v", own).input("frames")
    assert frames is not None
    assert (frames.default, frames.minimum, frames.step) == (81, 1, 4)


def test_an_api_export_is_imported_under_a_name_that_is_free_and_stays_in_its_folder(
    own: pathlib.Path,
) -> None:
    prompt = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }  # fmt: skip
    pathlib.Path("Api Export.json").write_text(json.dumps(prompt), encoding="utf-8")
    assert workflow("import", "Api Export.json") == 0
    assert (own / "api_export.yaml").exists()
    assert workflow("import", "Api Export.json") == 2
    assert workflow("import", "Api Export.json", "--force", "--name", "test_image") == 2
    assert workflow("import", "Api Export.json", "--name", "../out") == 2
    assert not (own.parent / "out.yaml").exists()


def test_an_import_says_what_a_film_still_needs_of_it(
    own: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "my_own.safetensors"}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["1", 2]}},
        "3": {"class_type": "CreateVideo", "inputs": {"images": ["5", 0], "fps": 12}},
        "4": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "filename_prefix": "x"}},
    }  # fmt: skip
    pathlib.Path("clip.json").write_text(json.dumps(prompt), encoding="utf-8")
    workflow("import", "clip.json")
    told = capsys.readouterr().err
    assert "No length was found: every clip is as long as the workflow makes it." in told
    assert "write 'my_own/fp16: BYTES' below 'bytes:' in" in told
    assert str(own_footprints_path()) in told


def test_missing_nodes_are_told_with_where_they_come_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    strange = {"id": 1, "type": "Strange", "properties": {"aux_id": "somebody/ComfyUI-Strange"}}
    pathlib.Path("s.json").write_text(json.dumps({"nodes": [strange], "links": []}))
    assert workflow("import", "s.json") == 2
    heard = capsys.readouterr().err
    assert "Strange (node 1)" in heard
    assert "somebody/ComfyUI-Strange" in heard


def test_what_saves_nothing_cannot_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    node = {"class_type": "EmptyImage", "inputs": {"width": 64}}
    pathlib.Path("s.json").write_text(json.dumps({"1": node}))
    assert workflow("import", "s.json") == 2
    assert "Nothing in this workflow saves" in capsys.readouterr().err


def test_a_workflow_file_by_its_path_can_be_checked(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workflow("check", str(written(tmp_path, SMALL, "some.yaml"))) == 0
    assert "some: 1 model is missing at fp8" in capsys.readouterr().out
