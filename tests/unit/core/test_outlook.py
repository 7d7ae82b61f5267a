"""How long a step still takes and what it waits for, in every state a run can be in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import Accepted, Finished, Lost
from movie_director.core.happenings import Away, Back, Freed, Happening
from movie_director.core.outlook import Outlook, outlook
from movie_director.core.plan import Absent, plan
from movie_director.core.progress import Pacing
from movie_director.core.schedule import State, advance, begin
from movie_director.core.state import NodeState
from movie_director.core.step import (
    CLIP,
    SPEECH,
    Device,
    DeviceId,
    ModelId,
    Option,
    Service,
    ServiceId,
    Step,
    StepId,
)

from tests.fakes import ALL_KINDS, made, program, step

GONE = ServiceLost("It went.", remedy="Bring it back.")
COMFY = ServiceId("comfy")


class Film:
    """Lines spoken by one model, shots drawn by another, on a card that holds one of them."""

    def __init__(self, steps: list[Step], pace: Mapping[tuple[str, str], float] | None = None):
        card = Device(id=DeviceId("gpu"), budget_bytes=10)
        service = Service(
            id=COMFY, executor="comfy", device=card.id, unload="selective", name="ComfyUI",
            capabilities=ALL_KINDS,
        )  # fmt: skip
        film = program(steps)
        self.plan = plan(
            film, devices=[card], services=[service], refuse=lambda *_: None,
            sizes={ModelId("voice"): 8, ModelId("picture"): 8},
            find=lambda _: Absent(reason="new", text="new"),
        )  # fmt: skip
        self.state: State
        self.state, _ = begin(self.plan.stages, {COMFY: 1})
        self.pacing = Pacing(self.plan, pace or {})

    def happen(self, event: Happening, now: float = 0.0) -> None:
        self.state, _ = advance(self.state, event, now=now)

    def outlook(self, id: str) -> Outlook:
        return outlook(self.plan.steps, self.state, self.pacing, StepId(id))


def line(id: str) -> Step:
    way = Option(executor="comfy", models=frozenset({ModelId("voice")}), seconds=4.0)
    return step(id, kind=SPEECH, options=(way,))


def shot(id: str, **given: object) -> Step:
    way = Option(executor="comfy", models=frozenset({ModelId("picture")}), seconds=20.0)
    return step(id, kind=CLIP, options=(way,), **given)  # type: ignore[arg-type]


@pytest.fixture
def film() -> Film:
    lines = [line(f"line{n}") for n in range(4)]
    after = {f"line{n}": made(f"line{n}") for n in range(4)}
    return Film([*lines, shot("shot", **after), shot("last")], {("comfy", SPEECH): 2.0})


def test_what_was_sent_waits_for_its_service_to_begin_and_then_for_nothing(film: Film) -> None:
    assert film.outlook("line0") == Outlook(left_s=8.0, waits_for="ComfyUI to begin")
    film.happen(Accepted(step=StepId("line0")))
    film.pacing.cooking(film.plan.to_do[0], 0.25)
    assert film.outlook("line0") == Outlook(left_s=6.0)
    film.happen(Finished(step=StepId("line0"), seconds=8.0))
    assert film.outlook("line0") == Outlook()


def test_what_is_well_on_its_way_is_told_by_its_own_pace(film: Film) -> None:
    first = film.plan.to_do[0]
    film.pacing.cooking(first, 0.05)
    assert film.pacing.left_s(first.step.id, 30.0) == pytest.approx(8.0 * 0.95)
    film.pacing.cooking(first, 0.25)
    assert film.pacing.left_s(first.step.id, 30.0) == pytest.approx(90.0)


def test_what_comes_later_waits_for_a_service_that_is_busy(film: Film) -> None:
    assert film.outlook("line1") == Outlook(left_s=8.0, waits_for="ComfyUI, which is busy")


def test_what_is_made_from_others_waits_for_them_by_name(film: Film) -> None:
    labels = [film.plan.steps[StepId(f"line{n}")].label for n in range(2)]
    said = f"“{labels[0]}”, “{labels[1]}” and 2 more"
    assert film.outlook("shot") == Outlook(left_s=20.0, waits_for=said)


def test_what_is_of_a_later_stage_waits_for_its_turn(film: Film) -> None:
    assert film.outlook("last").waits_for == "its turn: 4 steps of ComfyUI go before"
    for n in range(3):
        film.happen(Finished(step=StepId(f"line{n}"), seconds=4.0))
    assert film.outlook("last").waits_for == "its turn: 1 step of ComfyUI goes before"
    film.happen(Finished(step=StepId("line3"), seconds=4.0))
    assert film.outlook("last").waits_for == "memory to be given back"
    film.happen(Freed(device=DeviceId("gpu")))
    assert film.outlook("last").waits_for == "ComfyUI, which is busy"


def test_a_service_that_went_away_is_waited_for_and_tried_again(film: Film) -> None:
    film.happen(Lost(step=StepId("line0"), service=COMFY, error=GONE))
    assert film.outlook("line0").waits_for.startswith("another attempt in ")
    film.happen(Away(service=COMFY))
    assert film.outlook("line0").waits_for == "ComfyUI to come back"
    film.happen(Back(service=COMFY))
    assert film.state.state_of(StepId("line0")) is NodeState.SCHEDULED


def test_of_a_step_that_no_plan_holds_nothing_is_expected(film: Film) -> None:
    assert film.outlook("gone") == Outlook()
    assert film.pacing.left_s(StepId("gone")) == 0.0


def test_an_estimate_that_grows_takes_no_progress_back() -> None:
    film = Film([line("line0"), line("line1"), shot("shot")])
    first, second, _ = film.plan.to_do
    film.pacing.settled(first, NodeState.COOKED, 4.0)
    film.pacing.cooking(second, 0.9)
    before = film.pacing.look(0.0, "").fraction
    film.pacing.settled(second, NodeState.COOKED, 0.1)
    assert film.pacing.look(0.0, "").fraction == before == pytest.approx(7.6 / 28)
    assert film.pacing.replanned(film.plan, []).look(0.0, "").fraction == before
    film.pacing.cooking(film.plan.to_do[2], 0.5)
    assert film.pacing.look(0.0, "").fraction > before
