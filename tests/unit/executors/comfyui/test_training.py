"""A character learned from pictures on a scripted server, and the shots that use the LoRA."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest, file_digest
from movie_director.core.errors import BadAnswer, OutOfMemory, StepFailed
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Produced,
    Progressed,
    Ticket,
    Unknown,
    Want,
)
from movie_director.core.step import (
    LORA_TRAINING,
    Artifact,
    ArtifactRef,
    Fidelity,
    NodeId,
    Option,
    Place,
    Placed,
    Step,
    StepId,
)
from movie_director.core.workflow import Graph, Input, Model, Output, Pin, Precision, Workflow
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.executors._comfyui.ways import Ways
from movie_director.executors._safetensors import check_lora
from movie_director.executors.comfyui import ComfyUI

from tests.comfyui_films import QUICK, Job, executor, shot, started, ticket, workflow
from tests.servers.comfyui import ComfyServer, error_500, wait_for
from tests.servers.comfyui_worker import PNG, Card, lora
from tests.servers.misbehaving import answer, drop

LEARNED = StepId("anna:lora_training")
NODES: dict[str, Any] = {
    "model": {"class_type": "UNETLoader", "inputs": {"unet_name": "z.safetensors"}},
    "pictures": {"class_type": "LoadImageDataSetFromFolder", "inputs": {"folder": "x"}},
    "size": {
        "class_type": "ImageScaleToTotalPixels",
        "inputs": {"image": ["pictures", 0], "megapixels": 0.5},
    },
    "caption": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "x"}},
    "train": {
        "class_type": "TrainLoraNode",
        "inputs": {
            "model": ["model", 0], "images": ["size", 0], "text": ["caption", 0], "steps": 1,
            "rank": 1, "seed": 0,
        },
    },
    "save": {"class_type": "SaveLoRA", "inputs": {"lora": ["train", 0], "prefix": "x"}},
}  # fmt: skip


def given(name: str, type: Any, at: str, **more: Any) -> Input:
    node, _, input = at.partition(".")
    return Input(name=name, type=type, pins=(Pin(node=node, input=input),), **more)


TRAINING = Workflow(
    id="school", title="School", version=2, kind="lora_training", quality="draft",
    base=Graph(prompt=NODES),
    inputs=(
        given("pictures", "folder", "pictures.folder", required=True),
        given("prompt", "text", "caption.value", required=True),
        given("name", "text", "save.prefix"),
        given("seed", "seed", "train.seed"),
        given("steps", "int", "train.steps", default=1000, minimum=1, maximum=10_000),
        given("rank", "int", "train.rank", minimum=1, maximum=64),
        given("megapixels", "float", "size.megapixels", default=0.5, minimum=0.1, maximum=2),
    ),
    outputs=(Output(name="lora", node="save", media="model"),),
)  # fmt: skip
SHOWN: dict[str, Any] = {
    **workflow().base.prompt,  # type: ignore[union-attr]
    "m": {"class_type": "UNETLoader", "inputs": {"unet_name": "z.safetensors"}},
}
SHOWN["1"] = {**SHOWN["1"], "inputs": {**SHOWN["1"]["inputs"], "model": ["m", 0]}}
SHOWING = replace(
    workflow(),
    base=Graph(prompt=SHOWN),
    inputs=(*workflow().inputs, given("loras", "loras", "1.model")),
)
KNOWN = {"school": TRAINING, "sleepy": SHOWING}


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with ComfyServer("0.33.0") as made:
        yield made


@pytest.fixture
def maker() -> Iterator[ComfyUI]:
    made = executor(workflows=KNOWN)
    yield made
    made.close()


def training(root: Path, steps: int = 4, pictures: int = 5, ending: str = ".png") -> Step:
    images = []
    for number in range(pictures):
        path = root / f"picture_{number}{ending}"
        path.write_bytes(PNG + bytes([number]))
        images.append(FileRef(path=path, content=file_digest(path)))
    inputs = {"images": images, "trigger": "md_anna", "steps": steps, "rank": 16, "seed": 7}
    return Step(
        id=LEARNED, node=NodeId("anna"), kind=LORA_TRAINING, label="Anna", inputs=inputs,
        intent=Digest("anna"), place=Place(stem="anna_lora", suffix=".safetensors"),
    )  # fmt: skip


def begun(
    maker: ComfyUI,
    server: ComfyServer,
    step: Step,
    root: Path,
    *,
    way: str = "school",
    size: tuple[int, int] = (0, 0),
    made: Mapping[StepId, Artifact] | None = None,
    paper: Ticket | None = None,
) -> Job:
    service = maker.identify(server.url)
    assert service is not None
    option = Option(executor="comfyui", workflow=way, size=size)
    paper = replace(paper or ticket(step, root), inputs=made or {})
    return started(maker, Placed(step=step, option=option, service=service), paper)


def learn(maker: ComfyUI, server: ComfyServer, root: Path, **changes: Any) -> Produced:
    step = changes.pop("step", None) or training(root)
    events = begun(maker, server, step, root, **changes).wait()
    assert isinstance(events[-1], Finished), events[-1]
    return produced(events)


def produced(events: list[Event]) -> Produced:
    (made,) = [event for event in events if isinstance(event, Produced)]
    return made


def failed(events: list[Event]) -> Any:
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1].error


def sent(server: ComfyServer, number: int = -1) -> Any:
    """The nodes of a prompt that was taken."""
    return server.worker.history[server.queued[number]]["prompt"][2]


def artifact(made: Produced, **facts: Any) -> dict[StepId, Artifact]:
    found = Artifact(
        step=LEARNED, intent=Digest("anna"), path=made.path, content=Digest("1"),
        facts={**made.facts, **facts},
    )  # fmt: skip
    return {LEARNED: found}


def shown() -> Step:
    figure = {
        "node": "anna", "name": "Anna", "description": "a woman", "images": [], "tier": "ultimate",
        "lora": ArtifactRef(step=LEARNED), "lora_strength": 0.7, "trigger": "md_anna",
    }  # fmt: skip
    return shot(figures=[figure])


# --- learning ---------------------------------------------------------------------------------------


def test_what_is_learned_lies_in_one_file_and_is_known_by_the_servers_name(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    assert check_lora(made.path) == 2
    (name,) = [name for _, under, name in server.worker.files if under == "loras"]
    facts = dict(made.facts)
    assert facts == {
        "trained": True, "lora": name, "server": server.url, "trigger": "md_anna", "steps": 4,
        "rank": 16, "pictures": 5, "family": "", "fetched": True, "tensors": 2, "advice": "",
    }  # fmt: skip
    assert name.startswith("md_anna_")
    assert made.recipe["workflow"] == "school@2"


def test_its_pictures_lie_in_a_folder_of_their_own(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    learn(maker, server, tmp_path)
    nodes = sent(server)
    folder = nodes["pictures"]["inputs"]["folder"]
    assert folder.startswith("movie-director/lora_")
    assert sorted(server.uploads.values()) == [PNG + bytes([number]) for number in range(5)]
    assert {name.rpartition("/")[0] for name in server.uploads} == {folder}
    assert nodes["caption"]["inputs"]["value"] == "a picture of md_anna"
    asked = nodes["train"]["inputs"]
    assert (asked["steps"], asked["rank"], asked["seed"]) == (4, 16, 7)
    assert nodes["size"]["inputs"]["megapixels"] == 0.5


def test_progress_is_told_step_by_step(maker: ComfyUI, server: ComfyServer, tmp_path: Path) -> None:
    server.worker.seconds["TrainLoraNode"] = 0.4
    events = begun(maker, server, training(tmp_path, steps=8), tmp_path).wait()
    told = [event for event in events if isinstance(event, Progressed)]
    assert [event.fraction for event in told] == sorted(event.fraction for event in told)
    assert any(event.note.endswith(" of 8") for event in told)


def test_what_is_learned_already_is_not_learned_again(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    first = learn(maker, server, tmp_path)
    server.worker.history.clear()
    again = learn(maker, server, tmp_path)
    assert len(server.queued) == 1
    assert again.facts == first.facts
    (tmp_path / "other").mkdir()
    learn(maker, server, tmp_path, step=training(tmp_path / "other", steps=5))
    learn(maker, server, tmp_path, step=training(tmp_path / "other", pictures=6))
    learn(maker, server, tmp_path, size=(512, 512))
    assert len(set(server.worker.trained)) == 4


def test_fewer_pixels_are_asked_for_where_the_way_has_fewer(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    learn(maker, server, tmp_path, size=(512, 512))
    assert sent(server)["size"]["inputs"]["megapixels"] == 0.25


def test_a_file_that_is_gone_from_a_server_that_remembers_is_saved_again_and_not_learned(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    learn(maker, server, tmp_path)
    server.worker.files.clear()
    made = learn(maker, server, tmp_path)
    assert check_lora(made.path) == 2
    assert len(server.worker.trained) == 2
    assert server.worker.trained[1].startswith(server.worker.trained[0])
    cached = server.worker.history[server.queued[-1]]["status"]["messages"]
    assert "train" in dict(cached)["execution_cached"]["nodes"]


def test_giving_up_stops_the_training(maker: ComfyUI, server: ComfyServer, tmp_path: Path) -> None:
    server.worker.seconds["TrainLoraNode"] = 60.0
    job = begun(maker, server, training(tmp_path, steps=600), tmp_path)
    wait_for(lambda: any("of 600" in e.note for e in job.events if isinstance(e, Progressed)), 30.0)
    job.cancel.set()
    assert isinstance(job.wait()[-1], Cancelled)
    wait_for(lambda: server.worker.running is None)
    assert server.worker.trained == []


def test_a_full_card_is_told_as_such(maker: ComfyUI, tmp_path: Path) -> None:
    card = Card(budget_bytes=2**30, sizes={"z.safetensors": 2**31})
    with ComfyServer(card=card) as server:
        error = failed(begun(maker, server, training(tmp_path), tmp_path).wait())
    assert isinstance(error, OutOfMemory)


def test_a_picture_that_changed_meanwhile_is_not_sent(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    step = training(tmp_path)
    step.inputs["images"][2].path.write_bytes(b"another")
    error = failed(begun(maker, server, step, tmp_path).wait())
    assert "'picture_2.png' was changed" in error.what
    assert server.queued == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not weights at all", "does not begin"), (b"", "is empty"),
        (lora(whole=False), "is not whole"), (lora(b"\xc0\x7f"), "no numbers"),
    ],
)  # fmt: skip
def test_a_lora_that_cannot_be_used_is_refused_and_deleted(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path, content: bytes, why: str
) -> None:
    server.worker.lora = lambda: content
    step = training(tmp_path)
    paper = ticket(step, tmp_path)
    error = failed(begun(maker, server, step, tmp_path, paper=paper).wait())
    assert isinstance(error, BadAnswer)
    assert why in error.what
    assert list(paper.folder.glob("*.safetensors")) == []
    server.worker.lora = lora
    made = learn(maker, server, tmp_path)  # what cannot be used does not count as learned
    assert check_lora(made.path) == 2


def test_a_lora_that_the_server_does_not_hand_out_is_kept_by_its_name(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    server.on("/view", answer(b"", 404))
    made = learn(maker, server, tmp_path)
    assert made.facts["trained"]
    assert made.facts["fetched"] is False
    assert made.facts["lora"].encode() in made.path.read_bytes()


def test_a_server_that_saves_nothing_is_told_of(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    server.on("/models/loras", answer(b"[]", kind="application/json"))
    error = failed(begun(maker, server, training(tmp_path), tmp_path).wait())
    assert isinstance(error, StepFailed)
    assert "not in ComfyUI's list" in error.what


def test_what_a_workflow_cannot_learn_is_refused(
    server: ComfyServer, maker: ComfyUI, tmp_path: Path
) -> None:
    service = maker.identify(server.url)
    assert service is not None
    way = Option(executor="comfyui", workflow="school")
    assert maker.refuse(training(tmp_path), way, service) is None
    odd = maker.refuse(training(tmp_path, ending=".tif"), way, service)
    assert odd == "ComfyUI learns from PNG, JPEG and WebP only, not from picture_0.tif"
    nameless = replace(TRAINING, inputs=[each for each in TRAINING.inputs if each.name != "name"])
    other = executor(workflows={"school": nameless})
    assert "no name for its LoRA" in (other.refuse(training(tmp_path), way, service) or "")
    other.close()


# --- after a crash ----------------------------------------------------------------------------------


def crashed(
    maker: ComfyUI, server: ComfyServer, root: Path, seconds: float
) -> tuple[Ticket, Job, Step]:
    """A run that ended in the middle of a training: its ticket as it lies there."""
    server.worker.seconds["TrainLoraNode"] = seconds
    step = training(root, steps=20)
    paper = ticket(step, root)
    job = begun(maker, server, step, root, paper=paper)
    wait_for(lambda: any("of 20" in e.note for e in job.events if isinstance(e, Progressed)), 30.0)
    left = replace(paper, folder=root / "left")
    left.folder.mkdir()
    shutil.copy(paper.folder / "comfyui.json", left.folder)
    return left, job, step


def test_a_training_that_still_runs_is_followed_and_not_begun_again(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    paper, _, _ = crashed(maker, server, tmp_path, 60.0)
    fresh = executor(workflows=KNOWN, pace=replace(QUICK, silent=60.0))
    events: list[Event] = []
    found: list[Any] = []
    taken_up = threading.Thread(
        target=lambda: found.append(fresh.reattach(paper, events.append, CancelFlag()))
    )
    taken_up.start()
    # The server tells of a prompt only under the id it was sent with.
    wait_for(
        lambda: any("of 20" in event.note for event in events if isinstance(event, Progressed)),
        seconds=60.0,
    )
    server.worker.hurry.set()
    taken_up.join(60.0)
    assert isinstance(found[0], Finished)
    assert produced(events).facts["trained"]
    assert produced(events).facts["pictures"] == 5
    assert len(server.queued) == 1
    fresh.close()


def test_what_was_learned_by_a_server_that_forgot_it_is_fetched_and_not_learned_again(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    paper, job, step = crashed(maker, server, tmp_path, 0.2)
    job.wait()
    server.close()
    with server.reborn() as reborn:
        reborn.worker.files |= server.worker.files
        fresh, events = executor(workflows=KNOWN), []
        assert fresh.reattach(paper, events.append, CancelFlag()) == Unknown()
        again = learn(fresh, reborn, tmp_path, step=step)
        assert reborn.queued == []
        assert again.facts["trained"]
        fresh.close()


def test_a_training_that_a_server_queues_and_answers_with_nothing_is_sent_once(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    server.on("/prompt", server.behind(drop), server.really)
    assert learn(maker, server, tmp_path).facts["trained"]
    assert len(server.worker.trained) == 1


def test_sockets_that_break_in_the_middle_cost_nothing(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    server.worker.seconds["TrainLoraNode"] = 1.0
    job = begun(maker, server, training(tmp_path, steps=20), tmp_path)
    wait_for(lambda: any("of 20" in e.note for e in job.events if isinstance(e, Progressed)), 30.0)
    server.drop_sockets()
    assert isinstance(job.wait()[-1], Finished)
    assert len(server.worker.trained) == 1


def test_where_the_list_fails_after_a_training_the_next_evaluation_finds_what_was_learned(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    server.on("/models/loras", server.really, *[error_500] * 6, server.really)
    assert "HTTP 500" in failed(begun(maker, server, training(tmp_path), tmp_path).wait()).what
    server.on("/models/loras", server.really)
    assert learn(maker, server, tmp_path).facts["trained"]
    assert len(server.worker.trained) == 1


# --- shots ------------------------------------------------------------------------------------------


def test_a_shot_uses_the_lora_by_the_servers_name_and_says_its_word(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    learn(maker, server, tmp_path, step=shown(), way="sleepy", made=artifact(made))
    nodes = sent(server)
    (loader,) = [each for each in nodes.values() if each["class_type"] == "LoraLoaderModelOnly"]
    assert loader["inputs"]["lora_name"] == made.facts["lora"]
    assert loader["inputs"]["strength_model"] == 0.7
    assert "md_anna, Anna: a woman" in nodes["1"]["inputs"]["text"]
    assert len(server.worker.trained) == 1


def test_another_server_is_sent_the_lora_and_uses_it(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    with ComfyServer("0.33.0") as other:
        for _ in range(2):
            learn(maker, other, tmp_path, step=shown(), way="sleepy", made=artifact(made))
        key = ("output", "loras", made.facts["lora"])
        assert other.worker.files[key] == made.path.read_bytes()
        assert "LoraLoaderModelOnly" in {each["class_type"] for each in sent(other).values()}
        assert [each.path for each in other.asked].count("/upload/image") == 1


def test_another_server_that_takes_no_lora_says_what_to_copy_where(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    name = made.facts["lora"]
    with ComfyServer("0.33.0") as other:
        other.on("/upload/image", answer(b"too large", 413))
        work = begun(maker, other, shown(), tmp_path, way="sleepy", made=artifact(made))
        error = failed(work.wait())
        assert (
            error.remedy == f"Copy '{made.path}' there as {name}, into models/loras of its folder."
        )
        left = artifact(made, fetched=False)
        error = failed(begun(maker, other, shown(), tmp_path, way="sleepy", made=left).wait())
        assert f"Copy {name} there from output/loras of {server.url}" in error.remedy
        assert other.queued == []


def plain(server: ComfyServer) -> bool:
    """Whether the last shot was made without a LoRA, and without its word."""
    nodes = sent(server)
    used = [each for each in nodes.values() if each["class_type"] == "LoraLoaderModelOnly"]
    return not used and "md_anna" not in nodes["1"]["inputs"]["text"]


def test_what_only_stands_in_for_a_likeness_is_not_used(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    stand_in = artifact(made, trained=False)
    learn(maker, server, tmp_path, step=shown(), way="sleepy", made=stand_in)
    assert plain(server)


def test_a_lora_for_another_model_is_not_used(server: ComfyServer, tmp_path: Path) -> None:
    model = Model(id="wan2.1-t2v-1.3b/fp16", file="z.safetensors", folder="diffusion_models")  # type: ignore[arg-type]
    wan = replace(SHOWING, precisions=(Precision(name="", models=(model,)),))
    maker = executor(workflows={"school": TRAINING, "sleepy": wan})
    made = learn(maker, server, tmp_path)
    for family, used in (("z-image", False), ("", True)):
        learn(
            maker, server, tmp_path, step=shown(), way="sleepy", made=artifact(made, family=family)
        )
        assert plain(server) != used
    maker.close()


def test_a_workflow_that_needs_a_lora_takes_no_shot_without(
    server: ComfyServer, maker: ComfyUI, tmp_path: Path
) -> None:
    made = learn(maker, server, tmp_path)
    needs = replace(
        SHOWING, inputs=(*workflow().inputs, given("loras", "loras", "1.model", required=True))
    )
    other = executor(workflows={"sleepy": needs})
    service = other.identify(server.url)
    assert service is not None
    way = Option(executor="comfyui", workflow="sleepy")
    assert other.refuse(shot(), way, service) == "its workflow needs a LoRA, and the shot has none"
    assert other.refuse(shown(), way, service) is None
    nobody = artifact(made, trained=False)
    error = failed(begun(other, server, shown(), tmp_path, way="sleepy", made=nobody).wait())
    assert "nobody in the shot was learned" in error.what
    other.close()


# --- what it is expected to cost --------------------------------------------------------------------


def test_training_is_offered_by_one_workflow_with_smaller_pictures_below() -> None:
    ways = Ways(WorkflowLibrary.open(own=Path("none")))
    offered = {
        quality: ways.offer(
            Want(kind=LORA_TRAINING, quality=quality, width=1280, height=720, fps=24.0, seconds=0.0)
        )
        for quality in ("draft", "final")
    }
    for quality, suffix in (("draft", "_draft"), ("final", "")):
        assert {each.workflow for each in offered[quality]} == {f"lora_training_z_image{suffix}"}
        best, *rest = offered[quality]
        assert (best.fidelity, best.size, best.note) == (Fidelity.FULL, (0, 0), "")
        sizes = [each.size for each in rest if each.size != (0, 0)]
        assert sorted(sizes, reverse=True) == sizes
        assert set(sizes) == {(544, 544), (352, 352)}
        assert all(not each.fidelity.enough for each in rest if each.size != (0, 0))
    long, short = offered["final"][0], offered["draft"][0]
    assert long.seconds == pytest.approx(4 * short.seconds)
    assert long.work_bytes > 3 * 2**30
