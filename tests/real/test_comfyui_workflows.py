"""Every shipped workflow judged by a real ComfyUI: MOVIE_DIRECTOR_COMFYUI=http://127.0.0.1:8188 make test.

MOVIE_DIRECTOR_COMFYUI_FOLDER names that server's base folder: then each workflow is also judged with
its models there, as empty files.  What is accepted is given up at once; no model is loaded.
"""

from __future__ import annotations

import itertools
import os
import pathlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from movie_director.core.address import parse_address
from movie_director.core.footprints import known_footprints
from movie_director.core.workflow import Precision, Workflow
from movie_director.core.workflow_library import shipped_workflows
from movie_director.executors._comfyui.check import Finding, check_prompt
from movie_director.executors._comfyui.inject import fill
from movie_director.executors._comfyui.jobs import Ended, Nowhere
from movie_director.executors._comfyui.object_info import ObjectInfo
from movie_director.executors._comfyui.object_info_at import fetch_object_info, fetch_version
from movie_director.executors._comfyui.server import Server
from movie_director.executors._comfyui.templates import base_prompt
from movie_director.executors._comfyui.workflow_check import example, workflow_standing

from tests.servers.comfyui import wait_for

URL = os.environ.get("MOVIE_DIRECTOR_COMFYUI", "")
FOLDER = os.environ.get("MOVIE_DIRECTOR_COMFYUI_FOLDER", "")
WORKFLOWS = shipped_workflows()
#: From here on a server looks at the choices of newer-style nodes; 0.3.64 takes any.
LOOKS_AT_ALL_CHOICES = (0, 8, 0)

pytestmark = [
    pytest.mark.skipif(not URL, reason="MOVIE_DIRECTOR_COMFYUI names no server"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a server says of a prompt: the nodes and inputs it refuses, and how it says so."""

    accepted: bool
    refused: frozenset[tuple[str, str]]
    kinds: frozenset[str]
    message: str


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(parse_address(URL))
    yield made
    made.close()


def nodes_there() -> ObjectInfo:
    return replace(fetch_object_info(URL), version=fetch_version(URL))


def prompts(workflow: Workflow, precision: Precision) -> Iterator[dict[str, Any]]:
    """With what must be given, and with everything."""
    for all_of_it in (False, True):
        values = {
            each.name: example(each) for each in workflow.inputs if all_of_it or each.required
        }
        yield fill(workflow, base_prompt(workflow), values, precision=precision.name)


def verdict(server: Server, prompt: dict[str, Any]) -> Verdict:
    """Hand it over, and give it up where it was taken."""
    id = str(uuid.uuid4())
    asked = {"prompt": prompt, "prompt_id": id, "client_id": "somebody", "extra_data": {}}
    answer = server.http.post("/prompt", asked, accept=(200, 400), repeatable=False)
    if answer.status == 200:
        give_up(server, id)
    value = answer.json()
    errors = [
        (node, each)
        for node, said in (value.get("node_errors") or {}).items()
        for each in said["errors"]
    ]
    return Verdict(
        accepted=answer.status == 200,
        refused=frozenset(
            (node, each["extra_info"].get("input_name", "")) for node, each in errors
        ),
        kinds=frozenset(each["type"] for _, each in errors),
        message=str((value.get("error") or {}).get("message", "")),
    )


def give_up(server: Server, id: str) -> None:
    def over() -> bool:
        server.stop(id)
        return isinstance(server.where(id), Ended | Nowhere)

    wait_for(over, 60, f"{id} did not end")
    server.forget([id])


def unseen(finding: Finding, prompt: dict[str, Any], info: ObjectInfo) -> bool:
    """Whether a server so old does not look at such a choice, unless the class does so itself."""
    if tuple(map(int, info.version.split("."))) >= LOOKS_AT_ALL_CHOICES:
        return False
    spec = info[prompt[finding.node]["class_type"]].input(finding.input)
    return spec is not None and "options" in spec.options


@pytest.mark.parametrize("id", sorted(WORKFLOWS))
def test_what_we_find_wrong_with_a_workflow_is_what_the_server_finds(
    id: str, server: Server
) -> None:
    workflow, info = WORKFLOWS[id], nodes_there()
    for precision in workflow.precisions:
        for prompt in prompts(workflow, precision):
            ours = check_prompt(prompt, info)
            theirs = verdict(server, prompt)
            if unknown := {each.node for each in ours if each.kind == "missing_class"}:
                classes = {prompt[node]["class_type"] for node in unknown}
                assert not theirs.accepted
                assert any(name in theirs.message for name in classes), theirs.message
                continue
            found = {(each.node, each.input) for each in ours}
            surely = {(each.node, each.input) for each in ours if not unseen(each, prompt, info)}
            assert theirs.refused <= found
            assert theirs.accepted == (not theirs.refused)
            if "return_type_mismatch" not in theirs.kinds:  # it looks no further up than that
                assert surely <= theirs.refused


@pytest.fixture
def stocked() -> Iterator[None]:
    """Every model of every workflow in the server's folders, and our examples, as empty files."""
    root = pathlib.Path(FOLDER)
    models = (
        root / "models" / model.folder / model.file
        for workflow in WORKFLOWS.values()
        for precision in workflow.precisions
        for model in precision.models
    )
    given = (root / "input" / f"example.{suffix}" for suffix in ("png", "wav", "mp4"))
    pictures = (root / "input" / "example" / "one.png",)
    learned = (root / "models" / "loras" / "example.safetensors",)
    made = [each for each in itertools.chain(models, given, pictures, learned) if not each.exists()]
    for each in made:
        each.parent.mkdir(parents=True, exist_ok=True)
        each.touch()
    yield
    for each in made:
        each.unlink(missing_ok=True)


@pytest.mark.skipif(not FOLDER, reason="MOVIE_DIRECTOR_COMFYUI_FOLDER names no folder")
@pytest.mark.usefixtures("stocked")
def test_a_server_with_the_models_takes_the_workflows_that_we_call_ready_and_no_others(
    server: Server,
) -> None:
    info, ready, taken = nodes_there(), set(), set()
    for id, workflow in WORKFLOWS.items():
        if workflow_standing(workflow, info, known_footprints()).ready:
            ready.add(id)
        loadable = [
            each for each in workflow.precisions if not workflow.too_new(each, info.version)
        ]
        found = [
            verdict(server, prompt).accepted
            for precision in loadable
            for prompt in prompts(workflow, precision)
        ]
        if found and all(found):
            taken.add(id)
        assert len(set(found)) <= 1, id  # one of its prompts is as good as another
    assert taken == ready
    assert {"test_image", "sdxl_draft", "wan_t2v_draft"} <= taken
