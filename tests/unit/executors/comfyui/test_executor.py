"""A shot from the step to the finished clip, on scripted servers of three versions."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest
from movie_director.core.errors import (
    InputError,
    OutOfMemory,
    ServiceLost,
    StepFailed,
    Unauthorised,
)
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Gone,
    Lost,
    Previewed,
    Produced,
    Progressed,
    Running,
    Unknown,
    Want,
)
from movie_director.core.step import (
    AMBIENCE,
    CLIP,
    INTERPOLATION,
    LORA_TRAINING,
    MUSIC,
    SOUND,
    STILL,
    UPSCALE,
    VIEW,
    Kind,
    Option,
    Service,
)  # fmt: skip
from movie_director.core.workflow import QUALITIES, Graph, Input, Pin, Precision
from movie_director.core.workflow_library import WorkflowLibrary
from movie_director.executors._comfyui.stock import stock_nodes
from movie_director.executors._comfyui.ways import KINDS, Ways
from movie_director.executors.comfyui import ComfyUI

from tests.comfyui_data import recorded
from tests.comfyui_films import (
    QUICK,
    VERSIONS,
    executor,
    placed,
    shot,
    started,
    ticket,
    workflow,
)
from tests.servers.comfyui import ComfyServer, error_500, wait_for
from tests.servers.comfyui_worker import Card
from tests.servers.misbehaving import answer, endless, says


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[ComfyServer]:
    with ComfyServer(request.param) as made:
        yield made


@pytest.fixture
def newest() -> Iterator[ComfyServer]:
    with ComfyServer("0.33.0") as made:
        yield made


@pytest.fixture
def maker() -> Iterator[ComfyUI]:
    made = executor()
    yield made
    made.close()


def found(maker: ComfyUI, server: ComfyServer) -> Service:
    service = maker.identify(server.url)
    assert service is not None
    return service


def done(maker: ComfyUI, server: ComfyServer, root: Path, number: int = 1) -> list[Event]:
    step = shot(number)
    return started(maker, placed(step, found(maker, server)), ticket(step, root)).wait()


def kinds(events: list[Event]) -> list[type]:
    """The kinds of events in order, each run of one kind once."""
    order = [type(event) for event in events]
    return [kind for at, kind in enumerate(order) if at == 0 or order[at - 1] is not kind]


# --- finding ----------------------------------------------------------------------------------------


def test_a_server_is_known_by_what_it_says(maker: ComfyUI, server: ComfyServer) -> None:
    service = found(maker, server)
    assert service.id == f"comfyui@127.0.0.1:{server.port}"
    assert (service.version, service.unload, service.device) == (server.version, "all", "cpu")
    assert service.capabilities == {
        STILL, VIEW, CLIP, INTERPOLATION, UPSCALE, SOUND, AMBIENCE, MUSIC, LORA_TRAINING
    }  # fmt: skip


@pytest.mark.parametrize(
    "manner",
    [
        says({}), says([]), says({"system": {}}), says({"system": {"comfyui_version": 7}}),
        answer(b"<html>"), answer(b"", 404), answer(b"", 500), endless(),
    ],
)  # fmt: skip
def test_what_says_otherwise_is_none(maker: ComfyUI, newest: ComfyServer, manner: Any) -> None:
    newest.on("/system_stats", manner)
    assert maker.identify(newest.url) is None


def test_one_that_wants_a_token_says_so(maker: ComfyUI, newest: ComfyServer) -> None:
    newest.on("/system_stats", answer(b"", 401))
    with pytest.raises(Unauthorised):
        maker.identify(newest.url)


def test_a_card_is_told_with_its_memory(maker: ComfyUI) -> None:
    with ComfyServer(card=Card(budget_bytes=24 * 2**30)) as server:
        service = found(maker, server)
        assert (service.device, service.memory_bytes) == ("localhost/cuda:0", 24 * 2**30)
        assert "Pretended Card" in service.gpu
        assert maker.health(service).free_bytes == 24 * 2**30


def test_health_counts_everybodys_work(maker: ComfyUI, newest: ComfyServer) -> None:
    service = found(maker, newest)
    newest.foreign(0.5, 2)
    assert maker.health(service).waiting == 2
    newest.close()
    with pytest.raises(ServiceLost):
        maker.health(service)


def test_nothing_is_offered_before_a_server_was_found(maker: ComfyUI, newest: ComfyServer) -> None:
    want = Want(kind=CLIP, quality="draft", width=64, height=48, fps=12.0, seconds=0.5)
    assert maker.offer(want) == ()
    found(maker, newest)
    assert [option.workflow for option in maker.offer(want)] == ["sleepy"]
    named = replace(want, backend={"template": "sleepy", "service": "comfyui"})
    assert [option.workflow for option in maker.offer(named)] == ["sleepy"]
    assert maker.offer(replace(want, backend={"template": "no such"})) == ()
    assert maker.offer(replace(want, backend={"service": "wan2gp"})) == ()


def test_it_refuses_what_a_server_cannot_do(maker: ComfyUI, newest: ComfyServer) -> None:
    service, option = found(maker, newest), Option(executor="comfyui", workflow="sleepy")
    assert maker.refuse(shot(), option, service) is None
    own = maker.refuse(shot(media=object()), option, service)
    begins = maker.refuse(shot(image={"clip": object()}), option, service)
    unknown = maker.refuse(shot(), replace(option, workflow="other"), service)
    assert own == "the node has a file of its own"
    assert begins == "it makes clips from words alone, and this one goes on from a picture"
    assert unknown == "there is no workflow 'other'"


def test_a_lora_that_the_server_does_not_have_is_named() -> None:
    lora = FileRef(path=Path("/films/anna.safetensors"), content=Digest("x"))
    step = shot(figures=[{"lora": lora}])
    takes = replace(
        workflow(),
        inputs=(
            *workflow().inputs,
            Input(name="loras", type="loras", pins=(Pin(node="1", input="model"),)),
        ),
    )
    option = Option(executor="comfyui", workflow="sleepy")
    with ComfyServer() as server:
        server.classes = {kind: {} for kind in ("SaveVideo", "LabSleep")}
        for known, why in ((workflow(), "takes no LoRA"), (takes, "anna.safetensors")):
            maker = executor(workflows={"sleepy": known})
            said = maker.refuse(step, option, found(maker, server))
            assert said is not None
            assert why in said
            maker.close()


def test_nodes_and_versions_that_are_not_there_are_named() -> None:
    needs = replace(workflow(), needs="0.40.0")
    loads = replace(workflow(), precisions=(Precision(name="int8", needs="0.50.0"),))
    with ComfyServer() as server:
        server.classes = {"SaveVideo": {}}
        for each, why in ((workflow(), "LabSleep"), (needs, "0.40.0"), (loads, "0.50.0")):
            maker = executor(workflows={"sleepy": each})
            service = found(maker, server)
            said = maker.refuse(shot(), Option(executor="comfyui", workflow="sleepy"), service)
            assert said is not None
            assert why in said
            maker.close()


def test_an_old_server_with_every_model_is_offered_only_what_it_knows_how_to_load() -> None:
    """0.3.64 takes choices of newer-style nodes unseen, and would make something else of them."""
    shipped = WorkflowLibrary.open(own=Path("none"))
    every = {
        model.file: workflow.too_new(precision, "0.3.64")
        for workflow in shipped.workflows.values()
        for precision in workflow.precisions
        for model in precision.models
    }
    with ComfyServer("0.3.64") as server:
        server.classes = recorded("0.3.64/object_info")
        server.classes["Weights"] = {"input": {"required": {"file": [sorted(every)]}}}
        maker = executor(workflows=shipped.workflows)
        assert found(maker, server).version == "0.3.64"
        made = {
            kind: {
                each.workflow
                for quality in QUALITIES
                for each in maker.offer(wanted(kind, quality))
            }
            for kind in KINDS
        }
        maker.close()
    assert made == {
        VIEW: set(),
        STILL: {"sdxl_draft", "qwen_image_draft", "qwen_image_final"},
        CLIP: {
            "wan_5b_i2v_standard", "wan_5b_t2v_standard", "wan_i2v_draft", "wan_i2v_final",
            "wan_t2v_draft", "wan_t2v_final",
        },
        INTERPOLATION: set(),
        UPSCALE: {"upscale_video_draft"},
        SOUND: {"stable_audio_open_draft"},
        AMBIENCE: {"stable_audio_open_draft"},
        MUSIC: {"ace_step_1_standard"},
        LORA_TRAINING: set(),
    }  # fmt: skip


def test_what_a_server_has_the_models_for_is_offered_however_many_workflows_are_better() -> None:
    shipped = WorkflowLibrary.open(own=Path("none"))
    for kind, ids in (
        (STILL, {"sdxl_draft"}),
        (CLIP, {"wan_t2v_final"}),
        (CLIP, {"ltx_t2v_standard", "ltx_i2v_standard"}),  # one file does both
    ):
        files = [model.file for id in ids for model in shipped[id].precisions[0].models]
        with ComfyServer() as server:
            server.classes = recorded("0.33/object_info")
            server.classes["Weights"] = {"input": {"required": {"file": [files]}}}
            maker = executor(workflows=shipped.workflows)
            assert kind not in found(maker, server).lacking
            for quality in QUALITIES:
                offered = {each.workflow for each in maker.offer(wanted(kind, quality))}
                assert offered == ids
            maker.close()


def wanted(kind: Kind, quality: str) -> Want:
    return Want(
        kind=kind, quality=quality, width=640, height=360, fps=24.0, seconds=3.0, backend={}
    )


def test_nodes_of_an_official_template_are_looked_for_before_anything_is_sent(
    newest: ComfyServer,
) -> None:
    shipped = WorkflowLibrary.open(own=Path("none"))
    ways = Ways(shipped)
    option = Option(executor="comfyui", workflow="wan_t2v_draft", precision="fp16")
    every = {name: {} for name in stock_nodes()}
    for lacking in ("", "WanImageToVideo", "KSamplerAdvanced"):
        newest.classes = {name: known for name, known in every.items() if name != lacking}
        maker = executor(workflows=shipped.workflows)
        said = maker.refuse(shot(), option, found(maker, newest)) or ""
        # What a template holds and the work does not need is not asked for.
        needed = lacking in ways.classes(option)
        assert (f"the nodes {lacking}" in said) == bool(lacking and needed), said
        maker.close()
    assert "KSamplerAdvanced" in ways.classes(option)


# --- one shot ---------------------------------------------------------------------------------------


def test_a_shot_becomes_a_clip_of_the_films_size_and_length(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    events = done(maker, server, tmp_path)
    assert kinds(events)[0] is Accepted
    assert isinstance(events[-1], Finished)
    [made] = [event for event in events if isinstance(event, Produced)]
    assert made.path.name == "clip.mp4"
    assert made.facts["frames"] == 6
    assert (made.facts["width"], made.facts["height"], made.facts["fps"]) == (64, 48, 12.0)
    assert made.recipe["workflow"] == "sleepy@1"
    assert made.recipe["comfyui"] == server.version
    moves = [event.fraction for event in events if isinstance(event, Progressed)]
    assert moves == sorted(moves)
    assert any(isinstance(event, Previewed) for event in events)


def test_the_id_is_ours_and_written_down_before_it_is_sent(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    paper = ticket(shot(), tmp_path)
    seen: list[bool] = []

    def look(request: Any, line: Any) -> None:
        seen.append(paper.id in (paper.folder / "comfyui.json").read_text())
        newest.really(request, line)

    newest.on("/prompt", look)
    started(maker, placed(shot(), found(maker, newest)), paper).wait()
    assert seen == [True]
    assert newest.queued == [paper.id]


def test_every_node_is_sent_with_inputs_and_meta(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    done(maker, newest, tmp_path)
    [item] = newest.worker.history.values()
    for node in item["prompt"][2].values():
        assert sorted(node) == ["_meta", "class_type", "inputs"]


def test_the_same_shot_again_is_cached_and_has_its_clip(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    for _ in range(2):
        assert isinstance(done(maker, server, tmp_path)[-1], Finished)
    assert len(server.worker.files) == 1


def test_a_cached_shot_whose_file_is_gone_is_saved_again(
    maker: ComfyUI, server: ComfyServer, tmp_path: Path
) -> None:
    done(maker, server, tmp_path)
    server.worker.files.clear()
    events = done(maker, server, tmp_path)
    assert isinstance(events[-1], Finished), events[-1]
    assert len(server.queued) == 3
    assert len(set(server.queued)) == 3


def test_a_server_that_never_has_the_file_it_names_is_not_asked_for_ever(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    newest.on("/view", answer(b"", 404))
    last = done(maker, newest, tmp_path)[-1]
    assert isinstance(last, Failed)
    assert "twice" in last.error.what
    assert len(newest.queued) == 2


@pytest.mark.parametrize(
    ("name", "folder"),
    [("../../../x.mp4", ""), ("x.mp4", "../.."), ("/etc/x.mp4", ""), ("C:\\x.mp4", ""), ("x", "")],
)
def test_a_hostile_file_name_is_never_asked_for(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path, name: str, folder: str
) -> None:
    newest.worker.rename = lambda *_: (name, folder)
    last = done(maker, newest, tmp_path)[-1]
    assert isinstance(last, Failed)
    assert "left no video" in last.error.what
    assert not [request for request in newest.asked if request.path == "/view"]


@pytest.mark.parametrize(
    "manner",
    [answer(b"<html>sorry</html>", kind="text/html"), answer(b"", kind="video/mp4"),
     answer(b"not a clip at all", kind="video/mp4")],
)  # fmt: skip
def test_what_is_no_clip_is_refused_and_deleted(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path, manner: Any
) -> None:
    newest.on("/view", manner)
    last = done(maker, newest, tmp_path)[-1]
    assert isinstance(last, Failed)
    assert last.error.remedy
    assert not list(tmp_path.rglob("made*"))


# --- failures ---------------------------------------------------------------------------------------


def test_a_node_that_fails_is_named_and_it_is_not_tried_again(
    newest: ComfyServer, tmp_path: Path
) -> None:
    nodes = workflow().base
    assert isinstance(nodes, Graph)
    broken = {**nodes.prompt, "1": {"class_type": "LabFail", "inputs": {"message": "boom"}}}
    maker = executor(workflows={"sleepy": replace(workflow(), base=Graph(prompt=broken))})
    last = done(maker, newest, tmp_path)[-1]
    maker.close()
    assert isinstance(last, Failed)
    assert not last.transient
    assert isinstance(last.error, StepFailed)
    assert (last.error.where, "boom" in last.error.what) == ("shot_1", True)


def test_a_card_that_is_full_is_told_as_such(tmp_path: Path) -> None:
    card = Card(budget_bytes=8 * 2**30, sizes={"big.safetensors": 14 * 2**30})
    maker = executor(workflows={"sleepy": workflow(model="big.safetensors")})
    with ComfyServer(card=card) as server:
        last = done(maker, server, tmp_path)[-1]
    maker.close()
    assert isinstance(last, Failed)
    assert isinstance(last.error, OutOfMemory)


def test_models_stay_on_the_card_until_they_are_freed(tmp_path: Path) -> None:
    card = Card(budget_bytes=24 * 2**30, sizes={"a.safetensors": 14 * 2**30})
    maker = executor(workflows={"sleepy": workflow(model="a.safetensors")})
    with ComfyServer(card=card) as server:
        for number in (1, 2):
            assert isinstance(done(maker, server, tmp_path, number)[-1], Finished)
        assert card.loads == ["a.safetensors"]
        maker.free(found(maker, server), None)
        assert card.resident == {}
    maker.close()


def test_a_workflow_that_is_refused_says_why_and_is_not_tried_again(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    refused = {"error": {"type": "prompt_outputs_failed_validation", "message": "failed"},
               "node_errors": {"1": {"class_type": "KSampler", "errors": [
                   {"type": "value_not_in_list", "details": "ckpt_name: 'x' not in []"}]}}}  # fmt: skip
    newest.on("/prompt", says(refused, 400))
    last = done(maker, newest, tmp_path)[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, InputError)
    assert "ckpt_name" in last.error.what


def test_a_server_that_breaks_before_it_took_the_work_may_be_asked_later(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    newest.on("/prompt", answer(b"", 503))
    last = done(maker, newest, tmp_path)[-1]
    assert isinstance(last, Failed)
    assert last.transient
    newest.on("/prompt", error_500)
    assert isinstance(done(maker, newest, tmp_path)[-1], Failed)


def test_cancelled_it_ends_on_the_server_too(server: ComfyServer, tmp_path: Path) -> None:
    maker = executor(workflows={"sleepy": workflow(seconds=30.0, ticks=300)})
    step = shot()
    job = started(maker, placed(step, found(maker, server)), ticket(step, tmp_path))
    wait_for(lambda: any(isinstance(event, Progressed) for event in job.events))
    began = time.monotonic()
    job.cancel.set()
    assert isinstance(job.wait()[-1], Cancelled)
    assert time.monotonic() - began < 5
    assert server.worker.running is None
    maker.close()


def test_cancelled_before_it_was_sent_it_never_is(
    maker: ComfyUI, newest: ComfyServer, tmp_path: Path
) -> None:
    step, events, cancel = shot(), [], CancelFlag()
    service = found(maker, newest)
    cancel.set()
    maker.run(placed(step, service), ticket(step, tmp_path), events.append, cancel)
    assert kinds(events) == [Cancelled]
    assert newest.queued == []


# --- crashes and restarts -----------------------------------------------------------------------


def interrupted(server: ComfyServer, tmp_path: Path, seconds: float = 1.0) -> Any:
    """A ticket whose run died while the server worked on it."""
    maker = executor(workflows={"sleepy": workflow(seconds=seconds, ticks=10)})
    paper = ticket(shot(), tmp_path)
    job = started(maker, placed(shot(), found(maker, server)), paper)
    wait_for(lambda: any(isinstance(event, Progressed) for event in job.events))
    left = replace(paper, folder=tmp_path / "left")  # as a crash leaves it: nobody works in it
    left.folder.mkdir()
    shutil.copy(paper.folder / "comfyui.json", left.folder)
    return maker, left, job


def test_work_that_still_runs_is_taken_up_and_not_sent_again(
    server: ComfyServer, tmp_path: Path
) -> None:
    dead, paper, _ = interrupted(server, tmp_path)
    fresh, events = executor(), []
    assert isinstance(fresh.reattach(paper, events.append, CancelFlag()), Finished)
    assert [type(event) for event in events if isinstance(event, Produced | Failed)] == [Produced]
    assert server.queued == [paper.id]
    fresh.close()
    dead.close()


def test_work_that_has_ended_is_fetched(server: ComfyServer, tmp_path: Path) -> None:
    dead, paper, job = interrupted(server, tmp_path, 0.1)
    job.wait()
    fresh, events = executor(), []
    assert isinstance(fresh.reattach(paper, events.append, CancelFlag()), Finished)
    assert any(isinstance(event, Produced) for event in events)
    assert server.queued == [paper.id]
    fresh.close()
    dead.close()


def test_work_that_failed_meanwhile_is_gone_and_work_nobody_knows_is_unknown(
    newest: ComfyServer, tmp_path: Path
) -> None:
    dead, paper, job = interrupted(newest, tmp_path, 0.1)
    job.wait()
    entry = newest.worker.history[paper.id]
    entry["status"] = {"status_str": "error", "completed": False, "messages": []}
    fresh, events = executor(), []
    assert fresh.reattach(paper, events.append, CancelFlag()) == Gone()
    newest.worker.history.clear()
    assert fresh.reattach(paper, events.append, CancelFlag()) == Unknown()
    assert fresh.reattach(ticket(shot(), tmp_path), events.append, CancelFlag()) == Unknown()
    assert events == []
    fresh.close()
    dead.close()


def test_while_nobody_answers_it_stays_in_doubt_and_is_asked_about_later(tmp_path: Path) -> None:
    server = ComfyServer()
    dead, paper, job = interrupted(server, tmp_path, 30.0)
    server.close()
    assert isinstance(job.wait()[-1], Lost)
    events: list[Event] = []
    assert dead.reattach(paper, events.append, CancelFlag()) == Running()
    assert kinds(events) == [Lost]
    with server.reborn() as reborn:
        reborn.worker.history[paper.id] = {
            "outputs": {}, "status": {"status_str": "error", "completed": False},
        }  # fmt: skip
        assert dead.reattach(paper, events.append, CancelFlag()) == Gone()
        assert reborn.queued == []
    dead.close()


def test_what_is_written_down_holds_no_secret(newest: ComfyServer, tmp_path: Path) -> None:
    class Told:
        def headers(self, address: object) -> dict[str, str]:
            return {"Authorization": "Bearer sesame-open"}

    maker = executor(pace=QUICK)
    maker._secrets = Told()
    assert isinstance(done(maker, newest, tmp_path)[-1], Finished)
    assert newest.asked[-1].headers["authorization"] == "Bearer sesame-open"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"sesame-open" not in kept
    maker.close()
