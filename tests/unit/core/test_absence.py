"""A service that goes away in the middle of a run is waited for, a while, where nobody does as well."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest
from movie_director.core.absence import HOLD_S
from movie_director.core.change import Change
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import Finished, Lost
from movie_director.core.happenings import Anew, Away, Back, CancelAll, Tick
from movie_director.core.plan import Absent, plan
from movie_director.core.run import Run
from movie_director.core.schedule import FIRST_PAUSE_S
from movie_director.core.state import NodeState
from movie_director.core.step import Fidelity, Option, ServiceId, StepId
from movie_director.core.store import Store

from tests.fakes import Act, FakeExecutor, program, step
from tests.unit.core.test_schedule import GONE, A, B, Play, at, placed, stage

SHOT = StepId("a:clip")
S = ServiceId("s")
BEST, SKETCH = Option(executor="best"), Option(executor="rough", fidelity=Fidelity.STAND_IN)
EQUAL = Option(executor="rough")
#: Of real time, until a worker must have said what it has to say.
LONG_S = 30.0


# --- the schedule -------------------------------------------------------------------------------


def test_nothing_is_sent_to_a_service_that_is_waited_for() -> None:
    play = Play(stage(*placed({"a": [], "b": []}).values()))
    assert play.tell(Away(service=S)) == []
    assert play.tell(Lost(step=A, service=S, error=GONE)) == ["a scheduled"]
    play.now = 60.0
    assert play.tell(Tick()) == []
    # The first attempt at "a" counts, the time that was waited does not.
    assert play.tell(Back(service=S)) == ["send a #2 again"]
    assert play.tell(Finished(step=A)) == ["a cooked", "send b #1"]


def test_once_it_is_back_its_pause_still_holds() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    play.tell(Away(service=S))
    play.tell(Lost(step=A, service=S, error=GONE))
    assert play.tell(Back(service=S)) == []
    play.now = FIRST_PAUSE_S
    assert play.tell(Tick()) == ["send a #2 again"]


def test_other_services_go_on_meanwhile() -> None:
    steps = placed({"a": [], "b": []})
    other = stage(at(steps, "b", "t", "e"), service="t", device="e")
    play = Play(stage(steps["a"]), other)
    play.tell(Away(service=S))
    assert play.tell(Lost(step=B, service=ServiceId("t"), error=GONE)) == ["b scheduled"]
    play.now = FIRST_PAUSE_S
    assert play.tell(Tick()) == ["send b #2 again"]


def test_what_waits_for_a_service_can_be_cancelled_at_once() -> None:
    play = Play(stage(*placed({"a": [], "b": []}).values()))
    play.tell(Away(service=S))
    play.tell(Lost(step=A, service=S, error=GONE))
    assert play.tell(CancelAll()) == ["a cancelled", "b cancelled"]
    assert play.state.done


def test_with_another_plan_nobody_is_waited_for() -> None:
    steps = placed({"a": []})
    play = Play(stage(steps["a"]))
    play.tell(Away(service=S))
    play.tell(Lost(step=A, service=S, error=GONE))
    moved = stage(at(steps, "a", "t", "e"), service="t", device="e")
    play.now = FIRST_PAUSE_S
    said = play.tell(Anew(stages=(moved,), gone=frozenset({S})))
    assert said == ["a waiting", "a scheduled", "send a #2 again"]
    assert play.state.away == set()


# --- the run ------------------------------------------------------------------------------------


class Watched:
    """A run with a clock that is turned by hand, and services that are said to be back by hand."""

    def __init__(self, root: pathlib.Path, *options: Option, script: list[Act], known: bool = True):
        self.now = 1000.0
        self.back = False
        self.asked: list[float] = []
        self.best = FakeExecutor("best", device="gpu", script={SHOT: script})
        self.rough = FakeExecutor("rough", device="cpu", fidelity=Fidelity.STAND_IN)
        self.notes: list[str] = []
        self.last: Change | None = None
        fakes = {"best": self.best, "rough": self.rough}
        there = [each for each in fakes.values() if any(o.executor == each.name for o in options)]
        planned = plan(
            program([step("a:clip", options=options)]),
            devices=[device for each in there for device in each.devices()],
            services=[service for each in there for service in each.services()],
            refuse=lambda *_: None,
            find=lambda step: Absent(reason="new", text="new"),
        )
        self.known = known
        self.run = Run(
            planned, fakes, Store(root), answers=self.answers, clock=lambda: self.now, seed=1
        )

    def answers(self, service: ServiceId, since_s: float) -> bool | None:
        self.asked.append(since_s)
        return self.back if self.known else None

    def go(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """So much time goes by; each quarter of a second the workers are heard out."""
        ends = self.now + seconds
        while self.now < ends and not until() and not self.run.done:
            self.now += 0.25
            self._drained()

    def _drained(self) -> None:
        while True:
            for change in self.run.drain():
                self.last = change
                if change.note and change.note not in self.notes:
                    self.notes.append(change.note)
            if not self.run._tickets.jobs:
                return
            self.run.wait(LONG_S)


@pytest.fixture
def watched(tmp_path):
    made: list[Watched] = []

    def make(*options: Option, lose: int, known: bool = True) -> Watched:
        script = [Act(lose=True)] * lose + [Act()]
        one = Watched(tmp_path / "film", *options, script=script, known=known)
        made.append(one)
        one.run.start()
        one._drained()
        return one

    yield make
    for each in made:
        each.run.close()


def test_it_waits_for_its_service_and_says_how_long(watched) -> None:
    one = watched(BEST, SKETCH, lose=1)
    one.go(40.0)
    assert one.best.begun == [SHOT]
    assert one.last.state is NodeState.SCHEDULED
    assert one.notes[0] == f"waiting for best to come back, {HOLD_S:g} s more"
    assert one.notes[-1] == f"waiting for best to come back, {HOLD_S - 40:g} s more"
    assert one.run.progress.warning.startswith("best went away: it is waited for 90 s")
    one.back = True
    one.go(2.0)
    assert one.run.result.ok
    assert one.best.done == [SHOT]
    assert one.rough.done == []
    assert one.last.note == ""
    assert one.run.progress.warning == ""
    # It is asked whether it answered since it was lost: an old answer says nothing.
    assert set(one.asked) == {1000.0}


def test_one_that_stays_away_has_another_way_taken_and_it_is_told(watched) -> None:
    one = watched(BEST, SKETCH, lose=9)
    one.go(HOLD_S - 1)
    assert one.rough.begun == []
    one.go(3.0)
    assert one.run.result.ok
    assert one.rough.done == [SHOT]
    assert one.best.begun == [SHOT]
    assert one.notes[-1] == "a stand-in, on rough: best was lost"


def test_where_nobody_else_can_it_is_tried_again_all_the_same_before_it_fails(watched) -> None:
    one = watched(BEST, lose=9)
    one.go(HOLD_S + 10)
    assert one.run.done
    assert len(one.best.begun) == 4
    error = one.run.result.errors[SHOT]
    assert isinstance(error, ServiceLost)


def test_where_another_does_as_well_nobody_is_waited_for(watched) -> None:
    one = watched(BEST, EQUAL, lose=9)
    assert one.best.begun == [SHOT]
    one.go(10.0)
    assert one.run.result.ok
    assert one.rough.done == [SHOT]
    assert one.asked == []


def test_whom_nobody_watches_is_tried_quickly_as_before(watched) -> None:
    one = watched(BEST, SKETCH, lose=9, known=False)
    one.go(10.0)
    assert one.rough.done == [SHOT]
    assert len(one.best.begun) == 4


def test_one_that_comes_back_only_to_go_again_is_given_up_in_the_end(watched) -> None:
    one = watched(BEST, SKETCH, lose=9)
    one.back = True
    one.go(30.0)
    assert one.run.result.ok
    assert one.rough.done == [SHOT]
    assert len(one.best.begun) == 4


def test_cancelling_while_it_waits_ends_at_once(watched) -> None:
    one = watched(BEST, SKETCH, lose=9)
    one.go(5.0)
    one.run.cancel()
    assert one.run.done
    assert one.run.result.cancelled
