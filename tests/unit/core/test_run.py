"""A run from start to end with a scripted executor and real files."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from movie_director.core.budget import Reading, Sampler
from movie_director.core.compile import Program
from movie_director.core.errors import ProjectBusy, StepFailed, StorageFull, StoreError
from movie_director.core.executor import CancelFlag, Emit, Ticket
from movie_director.core.footprints import own_footprints_path
from movie_director.core.learning import Key
from movie_director.core.learning_file import Lessons
from movie_director.core.making import remembered
from movie_director.core.outlook import Outlook
from movie_director.core.plan import Plan, plan
from movie_director.core.run import Run
from movie_director.core.state import NodeState
from movie_director.core.step import (
    CLIP,
    FILM,
    SPEECH,
    UPSCALE,
    Fidelity,
    ModelId,
    Option,
    Placed,
    StepId,
)
from movie_director.core.store import Store

from tests.fakes import (
    Act,
    FakeExecutor,
    files_in,
    finish,
    made,
    program,
    small_film,
    step,
)
from tests.fakes import (
    failure as failure_of_fake,
)

LINES = {"one": "Hi", "two": "Bye"}


class Stage:
    """A project's folder and the executors that work on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs: list[Run] = []
        self.lessons = Lessons(root.parent / "estimates.json")

    def plan(self, film: Program, *fakes: FakeExecutor, **given: object) -> Plan:
        store = Store(self.root)
        refuses = {fake.name: fake.refuse for fake in fakes}
        return plan(
            film,
            devices=[device for fake in fakes for device in fake.devices()],
            services=[service for fake in fakes for service in fake.services()],
            refuse=lambda step, option, service: refuses[service.executor](step, option, service),
            find=store.find,
            **given,  # type: ignore[arg-type]
        )

    def run(self, film: Program, *fakes: FakeExecutor, store: Store | None = None,
            **given: object) -> Run:  # fmt: skip
        run = Run(
            self.plan(film, *fakes, **given),
            {fake.name: fake for fake in fakes},
            store or Store(self.root),
            lessons=self.lessons,
        )
        self.runs.append(run)
        return run

    def evaluate(self, film: Program, *fakes: FakeExecutor, **given: object) -> Run:
        run = self.run(film, *fakes, **given)
        run.start()
        finish(run)
        return run


class Starving(FakeExecutor):
    """Runs out of memory whenever it works at one of these precisions."""

    def __init__(self, like: FakeExecutor, precisions: set[str]) -> None:
        super().__init__(like.name)
        self.precisions = precisions

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        starve = work.option.precision in self.precisions
        self._play(Act(starve=starve), work, ticket, emit, cancel)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    there = Stage(tmp_path / "film")
    yield there
    closed = [run.close() for run in there.runs]
    assert all(closed)


def test_a_film_is_made_where_people_look_for_it(stage: Stage) -> None:
    run = stage.evaluate(small_film(LINES), FakeExecutor(slots=2))
    assert run.result.ok
    names = [name for name in files_in(stage.root) if not name.endswith((".wav.json", ".mp4.json"))]
    assert names == [
        "film.mp4",
        "one/dialogue/line_t001.wav",
        "one/shot/clip_t001.mp4",
        "takes/cut_t001.json",
        "takes/cut_t001.json.json",
        "takes/film_t001.mp4",
        "takes/mix_t001.wav",
        "two/dialogue/line_t001.wav",
        "two/shot/clip_t001.mp4",
    ]
    assert sorted(path.name for path in (stage.root / ".movie-director").iterdir()) == [
        "index.sqlite", "journal.sqlite",
    ]  # fmt: skip


def test_an_unchanged_film_is_not_made_again(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    before = files_in(stage.root)
    fake = FakeExecutor()
    run = stage.evaluate(small_film(LINES), fake)
    assert (fake.begun, run.result.ok, files_in(stage.root)) == ([], True, before)
    assert len(run.result.artifacts) == 7


def test_a_changed_line_makes_again_exactly_what_depends_on_it(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    fake = FakeExecutor()
    changed = small_film({**LINES, "one": "Hello"})
    said = {id: why.text for id, why in stage.plan(changed, fake).dirty.items()}
    stage.evaluate(changed, fake)
    assert set(fake.done) == set(said)
    assert said == {
        "one/line:speech": "line changed from 'Hi' to 'Hello'",
        "one/shot:clip": "one/line:speech changed",
        "out:cut": "one/line:speech changed",
        "out:mix": "out:cut changed; one/line:speech changed",
        "out:film": "out:cut changed; out:mix changed; one/shot:clip changed",
    }


def test_going_back_to_an_earlier_wording_shows_the_earlier_film(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    first = (stage.root / "film.mp4").read_bytes()
    stage.evaluate(small_film({**LINES, "one": "Hello"}), FakeExecutor())
    assert (stage.root / "film.mp4").read_bytes() != first
    fake = FakeExecutor()
    stage.evaluate(small_film(LINES), fake)
    assert (fake.begun, (stage.root / "film.mp4").read_bytes()) == ([], first)


def test_deleting_everything_brings_the_same_bytes_back(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    before = {name: data for name, data in files_in(stage.root).items() if ".json" not in name}
    for name in files_in(stage.root):
        (stage.root / name).unlink()
    stage.evaluate(small_film(LINES), FakeExecutor())
    after = {name: data for name, data in files_in(stage.root).items() if ".json" not in name}
    assert after == before


def test_a_deleted_film_is_shown_again_without_any_work(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    (stage.root / "film.mp4").unlink()
    fake = FakeExecutor()
    stage.evaluate(small_film(LINES), fake)
    assert (fake.begun, (stage.root / "film.mp4").is_file()) == ([], True)


def test_changes_tell_the_story_of_a_step(stage: Stage) -> None:
    act = Act(seconds=0.02, preview=True)
    fake = FakeExecutor(script={"a:clip": [act]})
    run = stage.run(program([step("a:clip")]), fake)
    run.start()
    seen = finish(run)
    states = [change.state for change in seen]
    assert states[-1] is NodeState.COOKED
    assert sorted(states, key=list(NodeState).index) == states
    last = seen[-1]
    assert last.artifact is not None
    assert (last.node, last.fraction, last.artifact.path.is_file()) == ("a", 1.0, True)
    assert any(change.preview is not None for change in seen)


def test_several_events_of_one_step_are_one_change(stage: Stage) -> None:
    run = stage.run(program([step("a:clip")]), FakeExecutor())
    run.start()
    while not run.done:
        run.wait(1.0)
        changes = [change.step for change in run.drain()]
        assert len(set(changes)) == len(changes)


def test_drain_returns_at_once_when_nothing_happened(stage: Stage) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(stall=True)]})
    run = stage.run(program([step("a:clip")]), fake)
    run.start()
    while not fake.begun:
        run.drain()
    run.wait(0.2)
    run.drain()
    assert run.drain() == ()
    assert not run.done


def test_draining_keeps_to_its_budget(stage: Stage) -> None:
    ticks = iter(range(10**6))
    film = program([step(f"s{index}:clip") for index in range(30)])
    run = Run(
        stage.plan(film, fake := FakeExecutor()), {"fake": fake}, Store(stage.root),
        clock=lambda: float(next(ticks)),
    )  # fmt: skip
    stage.runs.append(run)
    run.start()
    while len(fake.done) < 1:
        pass
    run.drain(0.5)
    assert len(run.result.artifacts) <= 1
    finish(run)


def test_one_failing_shot_leaves_the_others_standing(stage: Stage) -> None:
    fake = FakeExecutor(script={"one/shot:clip": [Act(fail=True)]})
    run = stage.evaluate(small_film(LINES), fake)
    assert not run.result.ok
    assert [(id, str(error)) for id, error in run.result.errors.items()] == [
        ("one/shot:clip", "one/shot: The fake failed on command. Tell it not to."),
    ]
    assert set(run.result.artifacts) == {
        "one/line:speech", "two/line:speech", "two/shot:clip", "out:cut", "out:mix",
    }  # fmt: skip


def test_a_failure_is_kept_for_inspection(stage: Stage) -> None:
    fake = FakeExecutor(script={"one/shot:clip": [Act(lie="raise")]})
    stage.evaluate(small_film(LINES), fake)
    store = Store(stage.root)
    with store.lock():
        (kept,) = store.journal.errors()
    assert (kept.step, kept.node, kept.kind, kept.attempt) == ("one/shot:clip", "one/shot", CLIP, 1)
    assert "ZeroDivisionError" in kept.error["what"]
    assert "the fake broke" in kept.log
    assert kept.inputs["one/line:speech"].endswith("one/dialogue/line_t001.wav")  # type: ignore[index]


def test_what_is_made_remembers_who_made_it_and_why(stage: Stage) -> None:
    run = stage.evaluate(program([step("a:clip")]), FakeExecutor())
    artifact, store = run.result.artifacts[StepId("a:clip")], Store(stage.root)
    making = remembered(store.record(artifact))
    assert (making.by, making.chosen) == ("fake", "the best way there is")
    artifact.path.with_name(f"{artifact.path.name}.json").unlink()
    assert store.record(artifact) == {}


def test_a_step_that_is_worked_on_waits_for_nothing_and_is_nearer_its_end(stage: Stage) -> None:
    id = StepId("a:clip")
    fake = FakeExecutor(seconds=8.0, script={id: [Act(seconds=60.0)]})
    run = stage.run(program([step(id), step("b:clip")]), fake)
    assert run.outlook(StepId("b:clip")).waits_for
    run.start()
    deadline = time.monotonic() + 10.0
    while run.outlook(id).waits_for and time.monotonic() < deadline:
        run.wait(0.05)
        run.drain()
    assert run.outlook(id).waits_for == ""
    assert run.outlook(StepId("gone")) == Outlook()
    run.cancel()
    finish(run)
    assert run.outlook(id) == Outlook()


def test_what_failed_work_began_is_kept_until_the_step_is_made(stage: Stage) -> None:
    film = small_film(LINES)
    acts = [Act(preview=True, fail=True)]
    stage.evaluate(film, FakeExecutor(script={"one/shot:clip": acts}))
    store = Store(stage.root)
    (id,) = store.failures()
    failure = store.failures()[id]
    assert failure.about(film.steps[id])
    assert not failure.about(film.steps[StepId("two/shot:clip")])
    assert [path.read_bytes() for path in failure.files] == [b"picture"]
    assert (failure.error.what, failure.error.remedy) == (failure_of_fake().what, "Tell it not to.")
    assert failure.error.where == "one/shot"
    stage.evaluate(film, FakeExecutor())
    assert store.failures() == {}
    stage.evaluate(film, FakeExecutor())
    assert not failure.files[0].exists(), "the next run removes what is overcome"


def test_only_the_newest_failure_of_a_step_keeps_its_files(stage: Stage) -> None:
    film = program([step("a:clip"), step("b:clip")])
    acts = {"a:clip": [Act(preview=True, fail=True)], "b:clip": [Act(fail=True)]}
    for _ in range(2):
        stage.evaluate(film, FakeExecutor(script=acts))
    stage.evaluate(film, FakeExecutor(script={"b:clip": [Act(fail=True)]}))
    stage.evaluate(film, FakeExecutor(script=acts))
    store = Store(stage.root)
    assert list(store.failures()) == ["b:clip"]
    assert store.failures()[StepId("b:clip")].files == ()
    assert list((stage.root / ".movie-director" / "failed").iterdir()) == []


def test_where_there_is_no_room_nothing_is_kept(stage: Stage) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(preview=True, full=True)]})
    stage.evaluate(program([step("a:clip")]), fake)
    (failure,) = Store(stage.root).failures().values()
    assert failure.files == ()


def test_what_cannot_be_moved_aside_is_not_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr("movie_director.core.store.failed.os.replace", refuse)
    fake = FakeExecutor(script={"a:clip": [Act(preview=True, fail=True)]})
    stage.evaluate(program([step("a:clip")]), fake)
    (failure,) = Store(stage.root).failures().values()
    assert failure.files == ()


def test_a_passing_failure_is_overcome(stage: Stage) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(fail=True, transient=True), Act()]})
    run = stage.evaluate(program([step("a:clip")]), fake)
    assert (run.result.ok, fake.begun) == (True, ["a:clip", "a:clip"])


def test_a_lost_service_is_asked_whether_it_has_the_result(stage: Stage) -> None:
    class Remembering(FakeExecutor):
        @property
        def _lost(self) -> str:
            return self.tickets[0].id

        def reattach(self, ticket: Ticket, emit, cancel):  # type: ignore[no-untyped-def]
            self.remembers = {self._lost: "finish"}
            return super().reattach(ticket, emit, cancel)

    fake = Remembering(script={"a:clip": [Act(lose=True)]})
    run = stage.evaluate(program([step("a:clip")]), fake)
    assert run.result.ok
    assert fake.begun == ["a:clip"]
    assert run.result.artifacts[StepId("a:clip")].path.read_bytes() == b"remembered"


def test_a_service_that_never_comes_back_fails_the_step(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movie_director.core.schedule.FIRST_PAUSE_S", 0.01)
    fake = FakeExecutor(script={"a:clip": [Act(lose=True)]})
    run = stage.evaluate(program([step("a:clip")]), fake)
    assert [type(error).__name__ for error in run.result.errors.values()] == ["ServiceLost"]


def test_cancelling_stops_at_once_and_the_next_run_goes_on(stage: Stage) -> None:
    film = small_film(LINES)
    fake = FakeExecutor(script={"two/line:speech": [Act(stall=True)]})
    run = stage.run(film, fake)
    run.start()
    while "two/line:speech" not in fake.begun:
        run.drain()
    run.cancel()
    finish(run, timeout=2.0)
    assert (run.result.ok, run.result.cancelled, dict(run.result.errors)) == (False, True, {})
    first = set(fake.done)
    again = FakeExecutor()
    assert stage.evaluate(film, again).result.ok
    assert set(again.done) == set(film.steps) - first


def test_what_finishes_although_cancelled_is_kept(stage: Stage) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(stall=True, deaf=True)]})
    run = stage.run(program([step("a:clip")]), fake)
    run.start()
    while not fake.begun:
        run.drain()
    run.cancel()
    finish(run)
    assert list(run.result.artifacts) == ["a:clip"]


def test_closing_a_run_ends_its_threads_and_lets_the_project_go(stage: Stage) -> None:
    fake = FakeExecutor(slots=3, script={"a:clip": [Act(stall=True)]})
    run = stage.run(program([step("a:clip"), step("b:clip")]), fake)
    run.start()
    assert run.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("md-fake")]
    assert run.done
    assert not (stage.root / ".movie-director" / "lock").exists()
    assert not (stage.root / ".movie-director" / "tickets").exists()


def test_closing_before_starting_is_harmless(stage: Stage) -> None:
    run = stage.run(program([step("a:clip")]), FakeExecutor())
    assert run.close()
    assert not stage.root.exists()


def test_threads_are_named_for_their_service_and_slot(stage: Stage) -> None:
    fake = FakeExecutor(slots=2, script={"a:clip": [Act(stall=True)], "b:clip": [Act(stall=True)]})
    run = stage.run(program([step("a:clip"), step("b:clip")]), fake)
    run.start()
    names = sorted(t.name for t in threading.enumerate() if t.name.startswith("md-"))
    daemons = all(t.daemon for t in threading.enumerate() if t.name.startswith("md-"))
    assert (names, daemons) == (["md-fake-0", "md-fake-1"], True)


def test_a_second_evaluation_says_who_holds_the_project(stage: Stage) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(stall=True)]})
    film = program([step("a:clip")])
    run = stage.run(film, fake)
    run.start()
    other = stage.run(film, FakeExecutor())
    with pytest.raises(ProjectBusy, match=r"process \d+ on .* since .* is evaluating this project"):
        other.start()
    assert not run.done


def test_work_is_done_on_as_many_slots_as_there_are(stage: Stage) -> None:
    fake = FakeExecutor(slots=3, seconds=0.03)
    stage.evaluate(program([step(f"s{index}:clip") for index in range(9)]), fake)
    assert fake.most_busy in (2, 3)
    assert len(fake.done) == 9


def test_a_service_that_is_told_of_the_next_steps_is_planned_as_one_that_does_one_at_a_time(
    stage: Stage,
) -> None:
    film = program([step(f"s{index}:clip") for index in range(6)])
    alone, told = FakeExecutor(seconds=0.03), FakeExecutor(seconds=0.03, in_hand=3)
    assert stage.plan(film, told).seconds == stage.plan(film, alone).seconds
    stage.evaluate(film, told)
    assert told.most_busy in (2, 3)
    assert len(told.done) == 6


def test_two_devices_work_side_by_side_and_hand_over(stage: Stage) -> None:
    voice = FakeExecutor(name="voice", device="voice", kinds={SPEECH})
    picture = FakeExecutor(name="picture", device="picture")
    ways = (Option(executor="voice"), Option(executor="picture"))
    run = stage.evaluate(small_film(LINES, ways), voice, picture)
    assert run.result.ok
    assert set(voice.done) == {"one/line:speech", "two/line:speech"}
    assert len(picture.done) == 5


def test_memory_is_given_back_between_stages(stage: Stage) -> None:
    small = FakeExecutor(budget_bytes=10)
    first = step("a:clip", options=(Option(executor="fake", models=frozenset({ModelId("m")})),))
    second = step("b:clip", options=(Option(executor="fake", models=frozenset({ModelId("n")})),))
    sizes = {ModelId("m"): 6, ModelId("n"): 6}
    run = stage.evaluate(program([first, second]), small, sizes=sizes)
    assert (run.result.ok, small.freed) == (True, [frozenset({"m"})])


def test_memory_that_is_not_given_back_is_reported_and_the_run_goes_on(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    class Greedy(FakeExecutor):
        def free(self, service: object, models: object) -> None:
            raise StepFailed("It kept it.", remedy="Restart it.")

    fake = Greedy(budget_bytes=10)
    film = program(
        step(f"{name}:clip", options=(Option(executor="fake", models=frozenset({ModelId(name)})),))
        for name in "ab"
    )
    run = stage.evaluate(film, fake, sizes={ModelId("a"): 6, ModelId("b"): 6})
    assert run.result.ok
    assert "was not given back" in caplog.text


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("silent", "returned without saying how the work ended"),
        ("nothing", "said it had finished and produced nothing"),
        ("empty", "produced an empty file"),
        ("outside", "put its result outside its folder"),
        ("size", "bytes and wrote"),
        ("missing", "named a file that cannot be read"),
        ("raise", "broke with ZeroDivisionError"),
    ],
)
def test_an_executor_that_breaks_its_promises_is_found_out(
    stage: Stage, lie: str, said: str
) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(lie=lie)]})  # type: ignore[arg-type]
    run = stage.evaluate(program([step("a:clip"), step("b:clip")]), fake)
    (error,) = run.result.errors.values()
    assert said in error.what
    assert error.where == "a"
    assert "b:clip" in run.result.artifacts


@pytest.mark.parametrize("lie", ["twice", "late"])
def test_what_is_said_after_the_end_is_not_heard(stage: Stage, lie: str) -> None:
    fake = FakeExecutor(script={"a:clip": [Act(lie=lie)]})  # type: ignore[arg-type]
    assert stage.evaluate(program([step("a:clip"), step("b:clip")]), fake).result.ok


def test_a_full_project_ends_the_run_and_keeps_what_was_made(stage: Stage) -> None:
    film = program([step("a:clip"), step("b:clip"), step("c:clip")])
    run = stage.run(film, FakeExecutor(), store=Store(stage.root, limit_bytes=100))
    run.start()
    finish(run)
    assert [type(error) for error in run.result.errors.values()] == [StorageFull]
    assert list(run.result.artifacts) == ["a:clip"]
    assert not run.result.cancelled
    again = FakeExecutor()
    assert stage.evaluate(film, again).result.ok
    assert again.done == ["b:clip", "c:clip"]


def test_nearly_full_is_said_once_before_and_during_a_run(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.evaluate(program([step("a:clip")]), FakeExecutor())
    film = program([step("a:clip"), step("b:clip")])
    run = stage.run(film, FakeExecutor(), store=Store(stage.root, limit_bytes=75))
    run.start()
    assert run.progress.warning.startswith("The project takes")
    finish(run)
    assert caplog.text.count("Clean it, or raise the storage limit") == 1


def test_a_disk_without_room_is_an_error_with_a_remedy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("movie_director.core.store.write_whole", full)
    run = stage.evaluate(program([step("a:clip"), step("b:clip")]), FakeExecutor())
    (error,) = run.result.errors.values()
    assert isinstance(error, StorageFull)
    assert "nothing is lost" in error.remedy
    assert files_in(stage.root) == {}


def test_a_step_that_finds_no_room_ends_the_run_instead_of_failing_every_other(
    stage: Stage,
) -> None:
    steps = [step(f"{name}:clip", order=at) for at, name in enumerate("abcd")]
    fake = FakeExecutor(script={"b:clip": [Act(full=True)]})
    run = stage.evaluate(program(steps), fake)
    assert {id: type(error) for id, error in run.result.errors.items()} == {"b:clip": StorageFull}
    assert fake.begun == ["a:clip", "b:clip"]
    assert not run.result.ok
    again = stage.evaluate(program(steps), later := FakeExecutor())
    assert again.result.ok
    assert later.begun == ["b:clip", "c:clip", "d:clip"]


def test_a_folder_that_may_not_be_written_is_refused_at_the_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    run = stage.run(program([step("a:clip")]), FakeExecutor())
    monkeypatch.setattr(Path, "mkdir", closed)
    with pytest.raises(StoreError, match="read-only"):
        run.start()


def test_a_final_film_refuses_stand_ins_and_says_which(stage: Stage) -> None:
    ways = (Option(executor="fake", fidelity=Fidelity.STAND_IN),)
    film = program([
        step("shot:clip", options=ways),
        step("out:film", kind=FILM, clips={"shot:clip": made("shot:clip")}, quality="final"),
    ])  # fmt: skip
    run = stage.evaluate(film, FakeExecutor())
    (error,) = run.result.errors.values()
    assert "A final film cannot hold stand-ins; 1 shots" in error.what
    assert error.where == "out"


def test_a_final_film_takes_a_final_shot_whose_line_is_only_stood_in_for(stage: Stage) -> None:
    ways = (Option(executor="fake", fidelity=Fidelity.STAND_IN),)
    film = program([
        step("line:speech", options=ways),
        step("shot:clip", line=made("line:speech")),
        step("out:film", kind=FILM, clips={"shot:clip": made("shot:clip")}, quality="final"),
    ])  # fmt: skip
    assert stage.evaluate(film, FakeExecutor()).result.ok
    assert stage.evaluate(film, FakeExecutor()).result.ok  # and from what is there


@pytest.mark.parametrize("drawn", [True, False])
def test_of_conformed_shots_a_final_film_asks_what_their_clips_were_made_by(
    stage: Stage, drawn: bool
) -> None:
    ways = (Option(executor="fake", fidelity=Fidelity.STAND_IN),)
    clip = made("shot:clip")
    film = program([
        step("shot:clip", **({"options": ways} if drawn else {})),
        step("shot:upscale", kind=UPSCALE, options=ways, clip=clip, source=clip),
        step("out:film", kind=FILM, clips={"shot:upscale": made("shot:upscale")}, quality="final"),
    ])  # fmt: skip
    result = stage.evaluate(film, FakeExecutor()).result
    assert result.ok is not drawn
    assert all("nothing better yet: shot:clip" in each.what for each in result.errors.values())


def _styled(fidelity: Fidelity, quality: str = "draft") -> Program:
    ways = (Option(executor="fake", fidelity=fidelity),)
    return program([
        step("shot:clip", options=ways),
        step("out:film", kind=FILM, clips={"shot:clip": made("shot:clip")}, quality=quality),
    ])  # fmt: skip


def test_a_stand_in_is_kept_shown_and_stays_dirty(stage: Stage) -> None:
    stage.evaluate(_styled(Fidelity.STAND_IN), FakeExecutor())
    fake = FakeExecutor()
    run = stage.evaluate(_styled(Fidelity.STAND_IN), fake)
    assert (fake.begun, run.result.ok) == ([], True)
    assert {id: why.code for id, why in run.plan.dirty.items()} == {
        "shot:clip": "stand_in", "out:film": "stand_in",
    }  # fmt: skip
    run = stage.run(_styled(Fidelity.STAND_IN), fake)
    run.start()
    assert {change.state for change in run.drain()} == {NodeState.DIRTY}


def test_a_stand_in_is_replaced_with_all_that_holds_it_when_something_better_can_be_had(
    stage: Stage,
) -> None:
    stage.evaluate(_styled(Fidelity.STAND_IN), FakeExecutor())
    fake = FakeExecutor()
    run = stage.evaluate(_styled(Fidelity.FULL), fake)
    assert fake.done == ["shot:clip", "out:film"]
    assert {a.fidelity for a in run.result.artifacts.values()} == {Fidelity.FULL}
    assert stage.plan(_styled(Fidelity.FULL), fake).dirty == {}


def test_forcing_a_node_makes_it_and_what_depends_on_it_again(stage: Stage) -> None:
    stage.evaluate(small_film(LINES), FakeExecutor())
    fake = FakeExecutor()
    run = stage.evaluate(small_film(LINES), fake, force={"two/shot"})
    assert fake.done == ["two/shot:clip", "out:film"]
    assert run.result.artifacts[StepId("two/shot:clip")].take == 2


def test_a_result_that_came_out_differently_makes_its_children_stale(stage: Stage) -> None:
    film = small_film(LINES)
    stage.evaluate(film, FakeExecutor())
    (stage.root / "one/dialogue/line_t001.wav").unlink()
    other = FakeExecutor(script={"one/line:speech": [Act(content="another voice")]})
    stage.evaluate(film, other)
    assert other.done == ["one/line:speech"]
    dirty = stage.plan(film, FakeExecutor()).dirty
    assert {id: why.text for id, why in dirty.items()} == {
        "one/shot:clip": "one/line:speech was made again",
        "out:cut": "one/line:speech was made again",
        "out:mix": "one/line:speech was made again",
        "out:film": "one/shot:clip is made again",
    }


def test_progress_grows_and_the_estimate_learns(stage: Stage) -> None:
    film = program(
        step(f"s{index}:clip", options=(Option(executor="fake", seconds=1.0),))
        for index in range(10)
    )
    fake = FakeExecutor(script={f"s{index}:clip": [Act(seconds=0.02)] for index in range(10)})
    run = stage.run(film, fake)
    run.start()
    assert run.progress.eta_s == pytest.approx(10.0)
    fractions = []
    while not run.done:
        run.wait(0.1)
        run.drain()
        fractions.append(run.progress.fraction)
        if run.progress.done == 5:
            assert run.progress.eta_s < 2.0
    assert fractions == sorted(fractions)
    assert (run.progress.done, run.progress.fraction, run.progress.eta_s) == (10, 1.0, 0.0)
    pace = stage.lessons.learned.pace()
    assert pace[("fake", "clip")] < 0.5
    later = program(
        step(f"t{index}:clip", options=(Option(executor="fake", seconds=1.0),))
        for index in range(10)
    )
    assert stage.plan(later, fake, costs=stage.lessons.learned.costs).seconds < 5.0


def test_a_run_learns_what_its_models_need(stage: Stage) -> None:
    models = frozenset({ModelId("clip-l/fp16")})  # 246,144,152 bytes of weights
    option = Option(executor="fake", models=models, precision="fp16", work_bytes=10**9, seconds=1.0)
    acts = {f"s{n}:clip": [Act(seconds=0.01, peak_bytes=2 * 10**9)] for n in range(3)}
    film = program(step(f"s{n}:clip", options=(option,), size=[640, 480]) for n in range(3))
    sizes = {ModelId("clip-l/fp16"): 246_144_152}
    stage.evaluate(film, FakeExecutor(script=acts), sizes=sizes)
    key = Key(machine="fake", subject="clip-l", precision="fp16", size="≤0.5 MPf")
    learned = Lessons(stage.lessons.path).learned  # it was kept when the run ended
    assert learned.work_bytes(key, 10**9) == pytest.approx(2 * 10**9 - 246_144_152, rel=1e-3)
    assert learned.seconds(key, 1.0) == pytest.approx(1 / 32, rel=1e-2)  # no further down than that
    assert set(learned.lessons) == {key, Key(machine="fake", subject="fake:clip")}


def test_footprints_of_ones_own_that_are_wrong_do_not_end_a_run(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    path = own_footprints_path()
    path.parent.mkdir(parents=True)
    path.write_text("schema: mine\n", encoding="utf-8")
    option = Option(executor="fake", models=frozenset({ModelId("clip-l/fp16")}), seconds=1.0)
    film = program([step("s:clip", options=(option,))])
    fake = FakeExecutor(script={"s:clip": [Act(peak_bytes=10**9)]})
    run = stage.evaluate(film, fake, sizes={ModelId("clip-l/fp16"): 246_144_152})
    assert run.result.ok
    assert "footprints.yaml" in caplog.text


def test_running_out_of_memory_is_learned_at_once(stage: Stage) -> None:
    option = Option(executor="fake", work_bytes=10**9)
    film = program([step("s:clip", options=(option,))])
    fake = FakeExecutor(script={"s:clip": [Act(starve=True), Act()]})
    run = stage.evaluate(film, fake)
    assert run.result.ok  # all memory was given back before the second attempt
    assert (fake.begun, fake.freed) == (["s:clip"] * 2, [None])
    key = Key(machine="fake", subject="fake:clip")
    assert stage.lessons.learned.work_bytes(key, 10**9) == 1_250_000_000


def test_a_way_that_runs_out_of_memory_twice_gives_way_to_the_next(stage: Stage) -> None:
    full = Option(executor="fake", work_bytes=10**9, precision="fp16")
    less = Option(
        executor="fake", work_bytes=10**8, precision="fp8", fidelity=Fidelity.FP8,
        note="fp8 instead of fp16",
    )  # fmt: skip
    film = program([step("s:clip", options=(full, less)), step("out:film", clip=made("s:clip"))])
    run = stage.run(film, Starving(FakeExecutor(), {"fp16"}))
    run.start()
    notes = {change.note for change in finish(run)}
    assert run.result.ok
    assert "fp8 instead of fp16: memory ran out on fake" in notes
    (clip,) = (a for a in run.result.artifacts.values() if a.step == "s:clip")
    assert clip.fidelity is Fidelity.FP8
    record = json.loads(Path(f"{clip.path}.json").read_text(encoding="utf-8"))
    assert record["by"]["precision"] == "fp8"
    assert record["by"]["reason"].startswith("fp8 instead of fp16: memory ran out on fake; ")


def test_what_may_not_be_simplified_fails_when_memory_runs_out(stage: Stage) -> None:
    full = Option(executor="fake", precision="fp16")
    less = Option(executor="fake", precision="fp8", fidelity=Fidelity.FP8, allowed=False)
    film = program([step("s:clip", options=(full, less))])
    run = stage.run(film, Starving(FakeExecutor(), {"fp16"}))
    run.start()
    finish(run)
    assert [str(error) for error in run.result.errors.values()] == [
        "s: The fake ran out of memory. Give it more."
    ]


def test_what_a_lost_service_was_to_do_is_done_by_another(stage: Stage) -> None:
    ways = (Option(executor="one"), Option(executor="two"))
    film = program([step(f"s{n}:clip", options=ways) for n in range(4)])
    one = FakeExecutor("one", script={f"s{n}:clip": [Act(lose=True)] for n in range(4)})
    two = FakeExecutor("two", device="other")
    run = stage.run(film, one, two)
    run.start()
    notes = [change.note for change in finish(run) if change.note]
    assert run.result.ok
    assert sorted(two.done) == [f"s{n}:clip" for n in range(4)]
    assert "now on two: one was lost" in notes
    assert (run.progress.done, run.progress.total, run.progress.fraction) == (4, 4, 1.0)


def test_a_data_folder_that_cannot_be_written_does_no_harm(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.lessons = Lessons(stage.root.parent / "file" / "estimates.json")
    (stage.root.parent / "file").write_text("", encoding="utf-8")
    run = stage.evaluate(small_film(LINES), FakeExecutor())
    assert run.result.ok
    assert "estimates could not be written" in caplog.text


def test_memory_that_runs_short_is_said_while_it_does(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    frees = [9 * 2**30, 2**29, 9 * 2**30]
    now = [0.0]

    def read() -> list[Reading]:
        free = frees.pop(0)
        return [Reading(card="c", name="RTX", total_bytes=2**34, free_bytes=free, told_by="driver")]

    film = program([step("s:clip")])
    fake = FakeExecutor(script={"s:clip": [Act(stall=True)]})
    planned = stage.plan(film, fake)
    run = Run(planned, {"fake": fake}, Store(stage.root), cards=Sampler(read), clock=lambda: now[0])
    stage.runs.append(run)
    run.start()
    warnings = []
    for seconds in (0.0, 4.0, 5.0, 9.0, 10.0):
        now[0] = seconds
        run.drain()
        warnings.append(run.progress.warning)
    low = "RTX has almost no memory left, 512 MiB. Close programs that use it."
    assert warnings == ["", "", low, low, ""]
    assert [r.getMessage() for r in caplog.records if r.name.endswith("room")] == [low]


def test_a_stage_is_logged_in_one_line(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="movie_director.core.run"):
        stage.evaluate(small_film(LINES), FakeExecutor())
    assert [r.getMessage() for r in caplog.records if r.name.endswith("run")] == [
        "stage 1 of 1: fake, 7 steps, 0 bytes at most"
    ]


def test_a_plan_for_an_executor_that_is_not_here_is_refused_by_name(stage: Stage) -> None:
    run = Run(stage.plan(program([step("a:clip")]), FakeExecutor()), {}, Store(stage.root))
    stage.runs.append(run)
    run.start()
    finish(run)
    (error,) = run.result.errors.values()
    assert "names the executor 'fake', which is not here" in error.what


def test_a_ticket_of_a_dead_run_is_taken_up_where_the_service_knows_it(stage: Stage) -> None:
    film = program([step("a:clip")])
    left = _leave_open(stage, film, "dead-1")
    fake = FakeExecutor(remembers={left: "finish"})
    run = stage.evaluate(film, fake)
    assert (fake.begun, run.result.ok) == ([], True)
    assert run.result.artifacts[StepId("a:clip")].path.read_bytes() == b"remembered"


@pytest.mark.parametrize("remembers", [{}, {"dead-1": "gone"}])
def test_a_ticket_nobody_knows_is_done_again_and_its_folder_goes(
    stage: Stage, remembers: Mapping[str, str]
) -> None:
    film = program([step("a:clip")])
    _leave_open(stage, film, "dead-1")
    _leave_open(stage, program([step("b:clip")]), "dead-2")
    fake = FakeExecutor(remembers=remembers)  # type: ignore[arg-type]
    assert stage.evaluate(film, fake).result.ok
    assert fake.begun == ["a:clip"]
    tickets = stage.root / ".movie-director" / "tickets"
    assert [folder.name for folder in tickets.iterdir()] == ["dead-2"]  # another film's


def _leave_open(stage: Stage, film: Program, id: str) -> str:
    """What a run leaves that is killed while its first step cooks."""
    fake = FakeExecutor()
    (work,) = stage.plan(film, fake).to_do
    store = Store(stage.root)
    with store.lock():
        ticket = Ticket(id=id, step=work.step.id, attempt=1, folder=store.ticket_folder(id))
        (ticket.folder / "half.bin").write_bytes(b"half")
        store.journal.sent(ticket, Placed(step=work.step, option=work.option, service=work.service))
    return id


def test_a_journal_that_can_no_longer_be_written_ends_the_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    fake = FakeExecutor()
    run = stage.run(program([step("a:clip"), step("b:clip")]), fake)
    monkeypatch.setattr("movie_director.core.journal.Journal.sent", refuse)
    run.start()
    finish(run)
    assert [type(error) for error in run.result.errors.values()] == [StorageFull]
    assert fake.begun == []


def test_an_end_that_cannot_be_noted_loses_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    film = program([step("a:clip")])
    with monkeypatch.context() as patch:
        patch.setattr("movie_director.core.journal.Journal.ended", refuse)
        assert stage.evaluate(film, FakeExecutor()).result.ok
    assert "could not be noted" in caplog.text
    fake = FakeExecutor()
    stage.evaluate(film, fake)
    assert fake.begun == []


def test_an_executor_deaf_to_cancelling_does_not_hold_the_project(stage: Stage) -> None:
    class Deaf(FakeExecutor):
        ears = threading.Event()

        def run(self, work: Placed, ticket: Ticket, emit: object, cancel: object) -> None:
            self.begun.append(ticket.step)
            self.ears.wait(20)

    fake = Deaf()
    run = stage.run(program([step("a:clip")]), fake)
    run.start()
    while not fake.begun:
        run.drain()
    assert not run.close(0.05)
    assert run.done
    assert not (stage.root / ".movie-director" / "lock").exists()
    fake.ears.set()
    assert stage.evaluate(program([step("a:clip")]), FakeExecutor()).result.ok
    assert not (stage.root / ".movie-director" / "tickets").exists()


def test_a_run_says_who_holds_how_much_while_it_goes(stage: Stage) -> None:
    models = frozenset({ModelId("m")})
    option = Option(executor="fake", models=models, work_bytes=2**20)
    fake = FakeExecutor(script={"s:clip": [Act(stall=True)]})
    film = program([step("s:clip", options=(option,))])
    run = stage.run(film, fake, sizes={ModelId("m"): 2**30})
    run.start()
    (device,) = run.allocation
    assert device.words() == "fake: 1.0 GiB of 8.0 GiB (m 1.0 GiB, work 1 MiB)"
    run.cancel()
    finish(run)
    assert run.allocation[0].holdings[0].work_bytes == 0


def test_what_one_service_fails_at_another_does(stage: Stage) -> None:
    ways = (Option(executor="one"), Option(executor="two"))
    film = program([step("s:clip", options=ways)])
    one, two = FakeExecutor("one"), FakeExecutor("two", device="other")
    for each in (one, two):
        each.script = {"s:clip": [Act(fail=True)]}
    run = stage.run(film, one, two)
    first = run.plan.to_do[0].service.id
    (one if first == "two" else two).script = {}
    run.start()
    notes = [change.note for change in finish(run) if change.note]
    assert run.result.ok
    other = "two" if first == "one" else "one"
    assert notes == [f"now on {other}: {first} failed"]
    (clip,) = run.result.artifacts.values()
    record = json.loads(Path(f"{clip.path}.json").read_text(encoding="utf-8"))
    assert record["by"]["reason"].startswith(f"now on {other}: {first} failed; ")


def test_a_failure_is_not_hidden_behind_a_stand_in(stage: Stage) -> None:
    ways = (Option(executor="one"), Option(executor="two", fidelity=Fidelity.STAND_IN))
    film = program([step(f"s{n}:clip", options=ways) for n in range(5)])
    one = FakeExecutor("one", script={f"s{n}:clip": [Act(fail=True)] for n in range(5)})
    two = FakeExecutor("two", device="other")
    run = stage.evaluate(film, one, two)
    assert (sorted(one.begun), two.begun) == ([f"s{n}:clip" for n in range(5)], [])
    assert len(run.result.errors) == 5


def test_a_service_that_failed_three_times_in_a_row_gets_no_more_work(stage: Stage) -> None:
    # What "one" alone can do stays its.
    ways = (Option(executor="one"), Option(executor="two"))
    steps = [step(f"s{n}:clip", options=ways) for n in range(20)]
    alone = step("t:clip", options=(Option(executor="one"),))
    one = FakeExecutor("one", script={f"s{n}:clip": [Act(fail=True)] for n in range(20)})
    two = FakeExecutor("two", device="other", seconds=0.01)
    run = stage.evaluate(program([*steps, alone]), one, two)
    assert run.result.ok
    assert len([id for id in one.begun if id.startswith("s")]) == 3
    assert "t:clip" in one.done
    assert sorted(two.done) == sorted(each.id for each in steps)


def test_failures_between_which_something_is_made_block_nobody(stage: Stage) -> None:
    ways = (Option(executor="one"), Option(executor="two", seconds=1000.0))
    steps = [step(f"s{n:02}:clip", options=ways) for n in range(12)]
    failing = {f"s{n:02}:clip": [Act(fail=True)] for n in range(0, 12, 2)}
    one = FakeExecutor("one", script=failing)
    two = FakeExecutor("two", device="other")
    run = stage.evaluate(program(steps), one, two)
    assert run.result.ok
    assert len(one.begun) == 12
    assert sorted(two.done) == sorted(failing)
