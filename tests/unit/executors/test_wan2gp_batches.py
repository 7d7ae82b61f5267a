"""Several steps in one job of Wan2GP: handed in together, each followed, given up, taken up alone."""

from __future__ import annotations

import json
import pathlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from movie_director.core.digest import Digest
from movie_director.core.errors import OutOfMemory, StepFailed
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Progressed,
    Running,
    Setup,
    Ticket,
    Unknown,
)
from movie_director.core.plan import plan
from movie_director.core.run import Run
from movie_director.core.step import Device, Placed, Service, Step, StepId
from movie_director.core.store import Store
from movie_director.executors._service.letter import read_letter
from movie_director.executors._wan2gp import desk, following
from movie_director.executors.wan2gp import Wan2GP

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from fakes import finish, program
from servers.misbehaving import Line, Request
from servers.wan2gp import TOOLS, Wan2GPServer

SETUP = Setup(cores=1, memory_bytes=2**30)
LAST = (Finished, Failed, Cancelled, Lost)
#: Longer than any of these takes on a slow machine.
PATIENCE_S = 120.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wan2GPServer]:
    monkeypatch.setattr(following, "POLL_S", 0.02)
    monkeypatch.setattr(following, "BUSY_S", 0.05)
    with Wan2GPServer(seconds=0.1) as running:
        yield running


@pytest.fixture
def wan2gp() -> Iterator[Wan2GP]:
    made = Wan2GP(SETUP, served.QUICK)
    yield made
    made.close()


@pytest.fixture
def gathers(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """So many go together, however slowly they come; what comes later waits a moment only."""

    def gather(count: int) -> None:
        monkeypatch.setattr(desk, "AT_ONCE", count)
        monkeypatch.setattr(desk, "GATHER_S", PATIENCE_S if count > 1 else 0.0)

    return gather


def act(number: int, **changes: Any) -> Step:
    """An effect that can be told from others: quickly brought into form."""
    one = served.sound(prompt=f"Act {number}", seed=number, **changes)
    return replace(one, id=StepId(f"s{number}:sound"), intent=Digest(str(number)))


class Crash(BaseException):
    """The end of a process in the middle of its work."""


@dataclass
class Worker:
    """One step on a thread of its own, as a run has it carried out."""

    step: Step
    ticket: Ticket
    cancel: CancelFlag = field(default_factory=CancelFlag)
    said: list[Event] = field(default_factory=list)
    found: object = None
    thread: threading.Thread | None = None
    took: float = 0.0

    @property
    def end(self) -> Event:
        ends = [event for event in self.said if isinstance(event, LAST)]
        assert len(ends) == 1, self.said
        assert ends[0] is self.said[-1]
        return ends[0]

    def begin(self, work: Callable[[], object]) -> None:
        def do() -> None:
            began = time.monotonic()
            with suppress(Crash):
                self.found = work()
            self.took = time.monotonic() - began

        self.thread = threading.Thread(target=do)
        self.thread.start()


class Crew:
    """What a run does with the steps it has in hand."""

    def __init__(self, executor: Wan2GP, server: Wan2GPServer, root: pathlib.Path) -> None:
        self.executor, self.server, self.root = executor, server, root
        self.service: Service = served.found(executor, server.url)
        self.workers: list[Worker] = []

    def begin(self, *steps: Step) -> Sequence[Worker]:
        begun = [Worker(each, served.ticket(each, self.root / each.id[:-6])) for each in steps]
        for one in begun:
            option = served.option_for(self.executor, one.step, self.service)
            placed = Placed(step=one.step, option=option, service=self.service)
            one.begin(self._run(placed, one))
        self.workers += begun
        return begun

    def held(self, count: int) -> tuple[Sequence[Worker], list[int]]:
        """So many effects in one job that stands at its first; which it does one after another."""
        self.server.held = {"Act"}
        begun = self.begin(*map(act, range(count)))
        until(lambda: self.server.running == 1)
        return begun, [int(task["prompt"][4]) for task in self.server.handed_in[0]]

    def take_up(self, *earlier: Worker) -> Sequence[Worker]:
        begun = [Worker(each.step, each.ticket) for each in earlier]
        for one in begun:
            one.begin(self._reattach(one))
        self.workers += begun
        return begun

    def _run(self, placed: Placed, one: Worker) -> Callable[[], object]:
        return lambda: self.executor.run(placed, one.ticket, one.said.append, one.cancel)

    def _reattach(self, one: Worker) -> Callable[[], object]:
        return lambda: self.executor.reattach(one.ticket, one.said.append, one.cancel)

    def join(self) -> None:
        ends = time.monotonic() + PATIENCE_S
        for one in self.workers:
            assert one.thread is not None
            one.thread.join(max(0.0, ends - time.monotonic()))
            assert not one.thread.is_alive(), (one.step.id, one.said)


@pytest.fixture
def crew(wan2gp: Wan2GP, server: Wan2GPServer, tmp_path: pathlib.Path) -> Iterator[Crew]:
    made = Crew(wan2gp, server, tmp_path)
    yield made
    for one in made.workers:
        one.cancel.set()
    made.join()


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < ends, "it never was so"
        time.sleep(0.005)


def prompts(jobs: list[list[dict[str, Any]]]) -> list[list[str]]:
    return [sorted(task["prompt"][:5] for task in job) for job in jobs]


def made_again(server: Wan2GPServer) -> Counter[str]:
    """What was handed in after the first job, and how often."""
    return Counter(task["prompt"][:5] for job in server.handed_in[1:] for task in job)


# --- one job for several steps ------------------------------------------------------------------


def test_steps_with_the_same_locked_settings_are_one_submission(crew, server, gathers) -> None:
    gathers(4)
    workers = crew.begin(*map(act, range(4)))
    crew.join()
    assert prompts(server.handed_in) == [["Act 0", "Act 1", "Act 2", "Act 3"]]
    for one in workers:
        assert isinstance(one.end, Finished)
        assert served.produced(one.said).recipe["seed"] == int(one.step.intent)
    assert len({served.produced(one.said).recipe["locked"] for one in workers}) == 1
    assert server.loads == ["stable_audio3_small_sfx"]


def test_each_gets_its_own_file_and_is_done_before_the_job_is(crew, server, gathers) -> None:
    gathers(3)
    server.held = {"Act"}
    workers = crew.begin(*[act(number, seconds=1.0 + number / 2) for number in range(3)])
    until(lambda: server.handed_in)
    first, *others = (task["prompt"][:5] for task in server.handed_in[0])
    server.held = set(others)
    early = workers[int(first[4])]
    until(lambda: early.said and isinstance(early.said[-1], Finished))
    assert server.running == 1
    server.held = set()
    crew.join()
    for number, one in enumerate(workers):
        made = served.produced(one.said)
        assert made.facts["seconds"] == pytest.approx(1.0 + number / 2, abs=0.05)
        assert made.path.parent == one.ticket.folder


def test_what_is_locked_otherwise_goes_by_itself(crew, server, gathers) -> None:
    gathers(1)
    music = replace(served.music(), id=StepId("score:music"))
    crew.begin(act(0), music)
    crew.join()
    assert sorted(job[0]["model_type"] for job in server.handed_in) == [
        "ace_step_v1_5", "stable_audio3_small_sfx",
    ]  # fmt: skip


def test_only_the_one_under_way_tells_how_far_it_is(crew, server, gathers) -> None:
    gathers(3)
    server.held = {"Act"}
    workers = crew.begin(*map(act, range(3)))
    until(lambda: any(isinstance(event, Progressed) for one in workers for event in one.said))
    order = [task["prompt"][:5] for task in server.handed_in[0]]
    told = [one for one in workers if one.said]
    assert [f"Act {one.step.intent}" for one in told] == order[:1]
    assert isinstance(told[0].said[0], Accepted)
    server.held.clear()
    crew.join()
    for one in workers:
        shares = [event.fraction for event in one.said if isinstance(event, Progressed)]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_time_spent_waiting_for_the_others_is_nobodys_work(crew, server, gathers) -> None:
    gathers(3)
    server.held = {"Act"}
    began = time.monotonic()
    workers = crew.begin(*map(act, range(3)))
    until(lambda: server.running == 1 and time.monotonic() - began > 1.0)
    others = [int(task["prompt"][4]) for task in server.handed_in[0][1:]]
    waited = time.monotonic() - began
    server.held = set()
    crew.join()
    for number in others:
        end = workers[number].end
        assert isinstance(end, Finished)
        assert workers[number].took - end.seconds > waited / 2


# --- with a run ---------------------------------------------------------------------------------


def carried_out(server: Wan2GPServer, root: pathlib.Path) -> dict[str, str]:
    """What a run of effects and music in turn makes: content by step."""
    executor = Wan2GP(SETUP, served.QUICK)
    try:
        service = served.found(executor, server.url)
        steps = []
        for number in range(4):
            score = served.music(seed=number)
            steps += [act(number), replace(
                score, id=StepId(f"m{number}:music"), intent=Digest(f"m{number}")
            )]  # fmt: skip
        steps = [
            replace(each, options=executor.offer(served.want(each.kind)), order=order)
            for order, each in enumerate(steps)
        ]
        store = Store(root)
        planned = plan(
            program(steps), devices=[Device(id=service.device, budget_bytes=8 * 2**30)],
            services=[service], refuse=executor.refuse, find=store.find,
        )  # fmt: skip
        run = Run(planned, {"wan2gp": executor}, store)
        run.start()
        finish(run, timeout=PATIENCE_S)
        assert run.result.ok, run.result.errors
        assert run.close()
        return {id: made.content for id, made in run.result.artifacts.items()}
    finally:
        executor.close()


def test_a_run_makes_the_same_with_fewer_submissions_and_fewer_loads(
    server, gathers, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(Wan2GP, "in_hand", 1)
    gathers(1)
    one_by_one = carried_out(server, tmp_path / "one")
    assert (len(server.handed_in), len(server.loads)) == (8, 8)
    server.handed_in.clear()
    server.loads.clear()
    monkeypatch.setattr(Wan2GP, "in_hand", 8)
    gathers(4)
    together = carried_out(server, tmp_path / "together")
    assert together == one_by_one
    assert [len(job) for job in server.handed_in] == [4, 4]
    assert len(server.loads) == 2


# --- what goes wrong with one -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("bad LoRA", StepFailed),
        ("it is likely that you have unsufficient VRAM and you should therefore", OutOfMemory),
    ],
)
def test_what_fails_by_itself_fails_nobody_else(crew, server, gathers, said, kind) -> None:
    gathers(3)
    server.fails = {"Act 1": said}
    workers = crew.begin(*map(act, range(3)))
    crew.join()
    assert [type(one.end) for one in workers] == [Finished, Failed, Finished]
    failed = workers[1].end
    assert isinstance(failed, Failed)
    assert type(failed.error) is kind
    assert len(server.submitted) == 3


def test_a_list_it_refuses_is_handed_in_one_by_one(crew, server, gathers) -> None:
    gathers(3)
    server.refuses = "Act 1"
    workers = crew.begin(*map(act, range(3)))
    crew.join()
    assert [type(one.end) for one in workers] == [Finished, Failed, Finished]
    assert prompts(server.handed_in) in ([["Act 0"], ["Act 2"]], [["Act 2"], ["Act 0"]])


@pytest.mark.parametrize("tools", [TOOLS, tuple(t for t in TOOLS if t != "wangp_list_gallery")])
def test_a_server_that_names_no_task_is_understood_by_the_order(
    wan2gp, gathers, monkeypatch, tmp_path, tools
) -> None:
    monkeypatch.setattr(following, "POLL_S", 0.02)
    gathers(3)
    with Wan2GPServer(seconds=0.1, tools=tools) as server:
        server.names = server.numbers = False
        if tools != TOOLS:
            monkeypatch.delattr(Wan2GPServer, "wangp_list_gallery")
        crew = Crew(wan2gp, server, tmp_path)
        lengths = [act(number, seconds=1.0 + number / 2) for number in range(3)]
        workers = crew.begin(*lengths)
        crew.join()
        assert len(server.handed_in) == 1
        seconds = [served.produced(one.said).facts["seconds"] for one in workers]
        assert seconds == pytest.approx([1.0, 1.5, 2.0], abs=0.05)


def test_files_that_cannot_be_told_apart_are_made_anew_one_by_one(crew, server, gathers) -> None:
    gathers(3)
    server.names = False
    server.fails = {"Act 1": "bad LoRA"}
    error = server._error
    server._error = lambda task: {**error(task), "task_id": None}
    workers = crew.begin(*map(act, range(3)))
    crew.join()
    assert [type(one.end) for one in workers] == [Finished, Failed, Finished]
    assert [len(job) for job in server.handed_in] == [3, 1, 1, 1]


# --- giving up ----------------------------------------------------------------------------------


def test_given_up_while_it_runs_the_others_are_made_all_the_same(
    crew, server, gathers, monkeypatch
) -> None:
    gathers(3)
    workers, (first, *others) = crew.held(3)
    monkeypatch.setattr(desk, "GATHER_S", 0.2)
    workers[first].cancel.set()
    until(lambda: workers[first].said and isinstance(workers[first].said[-1], Cancelled))
    server.held.clear()
    crew.join()
    assert [type(workers[n].end) for n in others] == [Finished, Finished]
    assert len(server.cancels) == 1
    assert made_again(server) == {f"Act {n}": 1 for n in range(3) if n != first}


def test_given_up_while_it_waits_it_stops_the_job_when_its_turn_comes(
    crew, server, gathers, monkeypatch
) -> None:
    gathers(3)
    workers, (first, second, third) = crew.held(3)
    monkeypatch.setattr(desk, "GATHER_S", 0.2)
    workers[second].cancel.set()
    until(lambda: workers[second].said and isinstance(workers[second].said[-1], Cancelled))
    assert server.cancels == [], "the one that runs is wanted"
    server.held = {f"Act {second}"}
    until(lambda: server.cancels)
    crew.join()
    assert isinstance(workers[first].end, Finished)
    assert isinstance(workers[third].end, Finished)
    assert prompts(server.handed_in[1:]) == [[f"Act {third}"]]


def test_given_up_all_together_the_server_is_told_once_and_nothing_more_is_sent(
    crew, server, gathers
) -> None:
    gathers(4)
    server.stops_after = 0.3
    workers, _ = crew.held(4)
    for one in workers:
        one.cancel.set()
    crew.join()
    assert [type(one.end) for one in workers] == [Cancelled] * 4
    assert len(server.cancels) == 1
    assert server.running == 0
    assert len(server.handed_in) == 1


def test_given_up_before_it_is_handed_in_the_others_go_without_it(crew, server, gathers) -> None:
    gathers(3)
    one, two = crew.begin(act(0), act(1))
    until(lambda: len(crew.executor._desks._desks) == 1)
    one.cancel.set()
    until(lambda: one.said and isinstance(one.said[-1], Cancelled))
    crew.begin(act(2), act(3))
    crew.join()
    assert isinstance(two.end, Finished)
    assert prompts(server.handed_in) == [["Act 1", "Act 2", "Act 3"]]


def test_what_somebody_else_stopped_fails_and_what_was_behind_it_is_made(
    crew, server, gathers, monkeypatch
) -> None:
    gathers(3)
    workers, (first, *others) = crew.held(3)
    monkeypatch.setattr(desk, "GATHER_S", 0.2)
    (job,) = server._jobs
    server.wangp_cancel_job(job)
    until(lambda: workers[first].said and isinstance(workers[first].said[-1], Failed))
    server.held.clear()
    crew.join()
    assert "told by somebody else to stop" in workers[first].end.error.what
    assert [type(workers[n].end) for n in others] == [Finished, Finished]


# --- after a loss or a crash --------------------------------------------------------------------


def test_a_restart_loses_each_and_each_may_be_sent_again(crew, server, gathers) -> None:
    gathers(3)
    workers, _ = crew.held(3)
    server.forget()
    crew.join()
    assert [type(one.end) for one in workers] == [Lost] * 3
    again = crew.take_up(*workers)
    crew.join()
    assert [one.found for one in again] == [Unknown()] * 3


def crashed(server: Wan2GPServer, root: pathlib.Path, count: int) -> list[Worker]:
    """What a process leaves that died while its job, of several steps, was at the first of them."""
    executor = Wan2GP(SETUP, served.QUICK)
    crew = Crew(executor, server, root)
    workers, _ = crew.held(count)
    until(lambda: all(read_letter(one.ticket.folder) is not None for one in workers))
    for one in workers:
        # Its thread ends without a word to the server, as with its process.
        one.cancel.wait = one.cancel.is_set = _crash  # type: ignore[method-assign]
    crew.join()
    executor.close()
    return workers


def _crash(*_: object) -> bool:
    raise Crash


def test_each_letter_names_the_job_and_its_own_task(server, gathers, tmp_path) -> None:
    gathers(3)
    workers = crashed(server, tmp_path, 3)
    letters = [read_letter(one.ticket.folder) for one in workers]
    (job,) = server._jobs.values()
    assert {letter.job for letter in letters} == {job.id}
    tasks = [letter.recipe["task"] for letter in letters]
    assert tasks == [f"md-{one.ticket.id}-0" for one in workers]
    assert all(letter.recipe["tasks"] == [t.settings["client_id"] for t in job.tasks]
               for letter in letters)  # fmt: skip


def test_after_a_crash_each_is_followed_on_and_nothing_is_sent_again(
    crew, server, gathers, tmp_path
) -> None:
    gathers(3)
    (tmp_path / "before").mkdir()
    left = crashed(server, tmp_path / "before", 3)
    taken_up = crew.take_up(*left)
    server.held.clear()
    crew.join()
    assert [one.found for one in taken_up] == [Running()] * 3
    assert [type(one.end) for one in taken_up] == [Finished] * 3
    assert [served.produced(one.said).recipe["seed"] for one in taken_up] == [0, 1, 2]
    assert all({"task", "tasks", "part"}.isdisjoint(served.produced(one.said).recipe)
               for one in taken_up)  # fmt: skip
    assert len(server.handed_in) == 1


def test_what_was_behind_a_job_that_was_stopped_meanwhile_is_sent_again_once(
    crew, server, gathers, monkeypatch, tmp_path
) -> None:
    gathers(3)
    (tmp_path / "before").mkdir()
    left = crashed(server, tmp_path / "before", 3)
    (job,) = server._jobs
    server.wangp_cancel_job(job)
    until(lambda: server.running == 0)
    server.held.clear()
    monkeypatch.setattr(desk, "GATHER_S", 0.2)
    taken_up = crew.take_up(*left)
    crew.join()
    first = int(server.handed_in[0][0]["prompt"][4])
    ends = [type(one.end) for one in taken_up]
    assert ends == [Failed if n == first else Finished for n in range(3)]
    assert made_again(server) == {f"Act {n}": 1 for n in range(3) if n != first}


def test_a_lost_answer_loses_all_it_was_about(crew, server, gathers) -> None:
    gathers(3)

    def swallow(request: Request, line: Line) -> None:
        if b"wangp_generate" not in request.body:
            server._mcp(request, line)
            return
        asked = json.loads(request.body)["params"]["arguments"]
        with server._guard:
            server.wangp_generate(**asked)
        line.keep = False

    server.on("/mcp/", swallow)
    workers = crew.begin(*map(act, range(3)))
    crew.join()
    assert [type(one.end) for one in workers] == [Lost] * 3
    assert len(server.handed_in) == 1
