"""What a prompt needed of its card: told where that can be known, and nothing where it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import CancelFlag, Event, Finished, Want
from movie_director.core.footprints import known_footprints
from movie_director.core.learning import Learned, keys_of
from movie_director.core.learning_file import Lessons
from movie_director.core.plan import plan
from movie_director.core.run import Run
from movie_director.core.step import CLIP, Device, DeviceId, ModelId, Option, Placed
from movie_director.core.store import Store
from movie_director.core.workflow_library import shipped_workflows
from movie_director.executors._comfyui import peak
from movie_director.executors._comfyui.jobs import Queue
from movie_director.executors._comfyui.peak import NOTHING, Peak, Weights
from movie_director.executors._comfyui.server import Memory, Server, Stats
from movie_director.executors._comfyui.ways import Ways

from tests.comfyui_films import executor, placed, shot, started, ticket
from tests.fakes import finish, program
from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import Card
from tests.unit.executors.comfyui.test_planned import sizes

GIB = 2**30
OURS = "0000000a-0000-4000-8000-000000000000"
WEIGHTS = Weights(all=20, held=12, encode=7, decode=1)
NODES = {
    "load": {"class_type": "UNETLoader"},
    "sample": {"class_type": "KSampler"},
    "decode": {"class_type": "VAEDecode"},
}


@dataclass
class Answers:
    """A server as far as it is asked here."""

    held: int = 20
    reserved: int = 20
    type: str = "cuda"
    running: tuple[str, ...] = ()
    silent: bool = False
    asked: int = 0

    def stats(self, cancel: CancelFlag | None) -> Stats:
        self.asked += 1
        if self.silent:
            raise ServiceLost("It is gone.", remedy="Start it.")
        memory = Memory(
            name="card", type=self.type, index=0, total=80, free=0, held=self.held,
            reserved=self.reserved,
        )  # fmt: skip
        return Stats(version="0.33.0", devices=(memory,))

    def queue(self, cancel: CancelFlag | None) -> Queue:
        return Queue(running=frozenset(self.running))


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every silence is looked at."""
    for name in ("FIRST_S", "EVERY_S", "DECODING_S"):
        monkeypatch.setattr(peak, name, 0.0)


def peak_of(answers: Answers, weights: Weights = WEIGHTS) -> Peak:
    return Peak(cast("Server", answers), OURS, NODES, weights, CancelFlag())


def ran(answers: Answers, *, sampling: int = 30, decoding: int = 24, after: float = 0.5) -> Peak:
    """A prompt of which the card was seen while it denoised and while it decoded."""
    one = peak_of(answers)
    one.quiet("load", 0.0)
    answers.reserved = sampling
    one.quiet("sample", after)
    answers.reserved = decoding
    one.quiet("decode", 0.0)
    one.quiet("decode", 0.0)
    return one


def test_it_is_the_peak_less_the_weights_that_need_not_have_been_there(often: None) -> None:
    # Thirty were reserved; of the twenty that stayed the VAE alone may have come afterwards.
    assert ran(Answers()).needed() == 12 + (30 - 19)


def test_decoding_or_the_encoder_may_need_the_most(often: None) -> None:
    assert ran(Answers(), sampling=21, decoding=60).needed() == 1 + (60 - 20)
    weights = replace(WEIGHTS, encode=18)
    one = ran(answers := Answers(), sampling=21, decoding=20)
    assert answers.asked
    one._weights = weights
    assert one.needed() == 18


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (Answers(held=13), "some of its weights had to go, or lie outside of what is counted"),
        (Answers(type="cpu"), "a CPU's memory is everybody's"),
        (Answers(type="mps"), "and so is a Mac's"),
        (Answers(running=("somebody",)), "others work there too"),
        (Answers(silent=True), "it does not say"),
    ],
)
def test_nothing_is_told_where_it_cannot_be_known(often: None, answers: Answers, why: str) -> None:
    assert ran(answers).needed() == 0, why


def test_our_own_prompt_may_be_in_the_queue_for_a_moment_still(often: None) -> None:
    assert ran(Answers(running=(OURS,))).needed() > 0


def test_a_prompt_that_was_not_seen_after_a_whole_step_tells_nothing(often: None) -> None:
    assert ran(Answers(), after=0.0).needed() == 0


def test_a_decoding_that_was_hardly_seen_tells_nothing(often: None) -> None:
    one = peak_of(Answers(reserved=30))
    one.quiet("sample", 0.5)
    one.quiet("decode", 0.0)
    assert one.needed() == 0


def test_where_weights_are_not_known_nobody_is_asked(often: None) -> None:
    answers = Answers()
    one = peak_of(answers, NOTHING)
    one.quiet("sample", 0.5)
    assert (one.needed(), answers.asked) == (0, 0)


def test_a_short_prompt_costs_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers()
    one = peak_of(answers)
    for _ in range(100):
        one.quiet("sample", 0.5)
    assert (one.needed(), answers.asked) == (0, 0)
    monkeypatch.setattr(peak, "FIRST_S", 0.0)
    for _ in range(100):
        one.quiet("sample", 0.5)
    assert answers.asked == 1, "not more often than once a second"


# --- on a scripted server with a card -----------------------------------------------------------

VAE = ModelId("wan2.1-vae/fp16")
#: What denoising and decoding take on it.
SECONDS = {"KSamplerAdvanced": 1.2, "VAEDecode": 1.2}
ACTS = {"KSamplerAdvanced": 6 * GIB, "VAEDecode": 3 * GIB}


def drafted(server: ComfyServer, tmp_path: Path) -> tuple[Option, list[Event]]:
    """A shot by the draft of Wan 2.2 14B, with all its weights on the card."""
    library = {id: each for id, each in shipped_workflows().items() if id.startswith("wan_")}
    maker = executor(workflows=library)
    server.worker.seconds = SECONDS
    try:
        service = maker.identify(server.url)
        assert service is not None
        option = Ways().offer(WISH)[0]
        work = Placed(step=shot(), option=option, service=service)
        return option, started(maker, work, ticket(work.step, tmp_path)).wait(60.0)
    finally:
        maker.close()


WISH = Want(
    kind=CLIP, quality="draft", width=832, height=480, fps=16.0, seconds=1.0,
    backend={"template": "wan_t2v_draft"},
)  # fmt: skip


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_S", "EVERY_S", "DECODING_S"):
        monkeypatch.setattr(peak, name, 0.05)


def test_a_real_run_tells_what_it_needed_beside_the_weights_its_option_holds(
    soon: None, tmp_path: Path
) -> None:
    card = Card(budget_bytes=80 * GIB, sizes=sizes(), acts=ACTS, others=3 * GIB)
    with ComfyServer("0.33.0", card=card) as server:
        option, events = drafted(server, tmp_path)
    end = events[-1]
    assert isinstance(end, Finished), end
    known = known_footprints()
    beside = end.peak_bytes - sum(map(known.bytes_of, option.models))
    assert 6 * GIB <= beside <= 6 * GIB + known.bytes_of(VAE)


def test_where_the_experts_had_to_take_turns_a_real_run_tells_nothing(
    soon: None, tmp_path: Path
) -> None:
    card = Card(budget_bytes=36 * GIB, sizes=sizes(), acts=ACTS)
    with ComfyServer("0.33.0", card=card) as server:
        _, events = drafted(server, tmp_path)
    end = events[-1]
    assert isinstance(end, Finished), end
    assert end.peak_bytes == 0


def test_what_a_run_needed_corrects_the_next_plan(soon: None, tmp_path: Path) -> None:
    """Through a whole run: the lesson that is kept is the need over the estimate."""
    library = {id: each for id, each in shipped_workflows().items() if id.startswith("wan_")}
    maker = executor(workflows=library)
    card = Card(budget_bytes=80 * GIB, sizes=sizes(), acts=ACTS)
    lessons = Lessons()
    with ComfyServer("0.33.0", card=card) as server:
        server.worker.seconds = SECONDS
        service = maker.identify(server.url)
        assert service is not None
        option = Ways().offer(WISH)[0]
        step = replace(shot(), options=(option,))
        store = Store(tmp_path / "film")
        planned = plan(
            program([step]), devices=[Device(id=service.device, budget_bytes=80 * GIB)],
            services=[service], refuse=lambda *_: None, find=store.find,
            sizes=known_footprints().sizes,
        )  # fmt: skip
        run = Run(planned, {"comfyui": maker}, store, lessons=lessons)
        run.start()
        finish(run, timeout=60.0)
        assert run.result.ok, run.result.errors
        assert run.close()
    maker.close()
    learned: Learned = lessons.learned
    lesson = learned.lessons[keys_of(str(service.device), step, option)[0]]
    (ratio,) = lesson.peaks
    vae = known_footprints().bytes_of(VAE)
    assert 6 * GIB / option.work_bytes <= ratio + 1e-4
    assert ratio - 1e-4 <= (6 * GIB + vae) / option.work_bytes


def test_a_short_run_asks_no_more_than_before(tmp_path: Path) -> None:
    maker = executor()
    with ComfyServer() as server:
        service = maker.identify(server.url)
        assert service is not None
        work = placed(shot(), service)
        events = started(maker, work, ticket(work.step, tmp_path)).wait()
        assert isinstance(events[-1], Finished)
        asked = [each.path for each in server.asked]
    maker.close()
    assert asked.count("/system_stats") == 1
    assert DeviceId("cpu") == service.device
