"""The states of a service: every state meets every happening, and the table says what becomes of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core import service_state as states
from movie_director.core.errors import (
    BadAnswer,
    Incompatible,
    ServiceError,
    ServiceLost,
    Unauthorised,
)
from movie_director.core.executor import Health
from movie_director.core.service_state import (
    Answered,
    AskHealth,
    Command,
    Due,
    Failed,
    Found,
    Happening,
    Held,
    Identify,
    Nothing,
    Released,
    State,
    Tell,
    Wanted,
    Watched,
    advance,
)
from movie_director.core.step import DeviceId, Service, ServiceId

WHERE = "http://127.0.0.1:8188"
SERVICE = Service(id=ServiceId(WHERE), executor="comfyui", name="ComfyUI", device=DeviceId("gpu"))


def lost(*, silent: bool = False) -> ServiceLost:
    error = ServiceLost("It is gone.", remedy="Start it.")
    error.silent = silent
    return error


ERRORS: dict[str, ServiceError] = {
    "broken": lost(),
    "silent": lost(silent=True),
    "bad": BadAnswer("It lied.", remedy="Do not trust it."),
    "unauthorised": Unauthorised("It wants a token.", remedy="Give it."),
    "incompatible": Incompatible("It is too old.", remedy="Update it."),
}
HAPPENINGS: dict[str, Happening] = {
    "due": Due(now=100.0),
    "found": Found(now=100.0, service=SERVICE),
    "nothing": Nothing(now=100.0),
    "answered": Answered(now=100.0, health=Health(waiting=2)),
    **{name: Failed(now=100.0, error=error) for name, error in ERRORS.items()},
    "held": Held(now=100.0),
    "released": Released(now=100.0),
    "wanted": Wanted(now=100.0),
}


def at(state: State, **more: object) -> Watched:
    """A place in a state that was reached in earnest, heard of 99 s ago, an answer still out."""
    known = state in (State.READY, State.STALLED, State.LOST)
    base = {
        "address": WHERE, "named": True, "state": state, "asking": state is not State.UNKNOWN,
        "service": SERVICE if known else None, "heard_s": 1.0,
    }  # fmt: skip
    return Watched(**{**base, **more})


U, C, R, S, L = State.UNKNOWN, State.CONNECTING, State.READY, State.STALLED, State.LOST
N, A, M, H = State.UNREACHABLE, State.UNAUTHORISED, State.INCOMPATIBLE, State.HELD
#: Row: the state before.  Column: what happens.  "-": it stays.  "!": a person is told.
TABLE = """
              due  found  nothing  answered  broken  silent  bad  unauthorised  incompatible  held  released  wanted
UNKNOWN       C    R!     N        R!        N       N       N    A!            I!            H     -        -
CONNECTING    -    R!     N!       R!        N!      N!      N!   A!            I!            H     -        -
READY         -    -      L!       -         -       S!      -    A!            I!            H     -        -
STALLED       -    R!     L!       R!        -       -       -    A!            I!            H     -        -
LOST          -    R!     -        R!        -       -       -    A!            I!            H     -        -
UNREACHABLE   -    R!     -        R!        -       -       -    A!            I!            H     -        -
UNAUTHORISED  -    R!     N        R!        N       N       N    -             I!            H     -        -
INCOMPATIBLE  -    R!     N        R!        N       N       N    A!            -             H     -        -
HELD          -    -      -        -         -       -       -    -             -             -     U     -
"""
LETTERS = {"U": U, "C": C, "R": R, "S": S, "L": L, "N": N, "A": A, "I": M, "H": H}


def cells() -> list[tuple[State, str, str]]:
    head, *rows = TABLE.strip().splitlines()
    return [
        (State[row.split()[0]], name, cell)
        for row in rows
        for name, cell in zip(head.split(), row.split()[1:], strict=True)
    ]


def test_the_table_is_whole() -> None:
    assert {(state, name) for state, name, _ in cells()} == set(
        itertools.product(State, HAPPENINGS)
    )


@pytest.mark.parametrize(("state", "name", "cell"), cells())
def test_the_table_holds(state: State, name: str, cell: str) -> None:
    before = at(state)
    after, commands = advance(before, HAPPENINGS[name])
    expected = state if cell.startswith("-") else LETTERS[cell[0]]
    assert after.state is expected
    tells = [each for each in commands if isinstance(each, Tell)]
    assert len(tells) == ("!" in cell)
    assert all(each.good is (expected is R) for each in tells)
    assert all(each.remedy or each.good for each in tells)
    if expected is not state:
        assert after.since_s == 100.0


def drive(watched: Watched, *happenings: Happening) -> tuple[Watched, list[Command]]:
    done: list[Command] = []
    for each in happenings:
        watched, commands = advance(watched, each)
        done += commands
    return watched, done


def test_a_place_is_asked_what_it_is_and_then_how_it_is() -> None:
    watched, done = drive(
        Watched(address=WHERE), Due(now=0.0), Due(now=0.5), Found(now=1.0, service=SERVICE),
        Due(now=1.0), Due(now=2.0), Answered(now=2.2, health=Health(waiting=1)), Due(now=3.0),
    )  # fmt: skip
    assert [type(each) for each in done] == [Identify, Tell, AskHealth]
    assert (watched.state, watched.health.waiting, watched.next_s) == (R, 1, 3.2)


def test_a_dead_process_is_known_within_two_seconds() -> None:
    watched, _ = drive(Watched(address=WHERE), Due(now=0.0), Found(now=0.0, service=SERVICE))
    died, now, told = 0.01, 0.01, None
    while told is None:
        now += 0.05
        watched, commands = advance(watched, Due(now=now))
        if commands:
            watched, commands = advance(watched, Failed(now=now, error=lost()))
            told = now if commands else None
    assert told - died < 2.0
    assert watched.state is L


def test_one_broken_connection_is_not_taken_for_a_death() -> None:
    watched, done = drive(
        at(R), Failed(now=100.0, error=lost()), Due(now=100.3),
        Answered(now=100.4, health=Health()), Failed(now=101.5, error=lost()),
    )  # fmt: skip
    assert watched.state is R
    assert [type(each) for each in done] == [AskHealth]


def test_a_frozen_service_is_known_within_25_seconds_and_lost_only_when_it_is_gone() -> None:
    watched, now = at(R, heard_s=0.0, next_s=1.0, asking=False), 0.0
    while watched.state is R:
        now = watched.next_s
        watched, (command,) = advance(watched, Due(now=now))
        assert isinstance(command, AskHealth)
        now += 5.0  # each question is waited for in vain
        watched, _ = advance(watched, Failed(now=now, error=lost(silent=True)))
    assert watched.state is S
    assert now < 25.0
    for step in range(30):
        watched, done = advance(watched, Failed(now=now + step, error=lost(silent=True)))
        assert (watched.state, done) == (S, ())
    watched, done = drive(watched, Answered(now=90.0, health=Health()))
    assert [each.what for each in done if isinstance(each, Tell)] == [
        f"ComfyUI at {WHERE} answers again."
    ]


def test_what_is_lost_is_looked_for_every_30_seconds_and_told_once() -> None:
    watched, asked, told = at(L, next_s=0.0, asking=False), [], []
    for tenth in range(3000):
        now = tenth / 10
        watched, commands = advance(watched, Due(now=now))
        if commands:
            asked.append(now)
            watched, commands = advance(watched, Nothing(now=now))
            told += commands
    assert asked == pytest.approx([30.0 * turn for turn in range(10)])
    assert told == []


def test_a_service_that_answers_nonsense_is_not_said_to_be_gone() -> None:
    bad = ERRORS["bad"]
    _, done = drive(at(R), Failed(now=1.0, error=bad), Failed(now=2.0, error=bad))
    assert done == [
        Tell(
            address=WHERE,
            good=False,
            what="ComfyUI is of no use: It lied.",
            remedy="Do not trust it.",
        )
    ]


def test_what_comes_back_as_it_went_is_told_once() -> None:
    wants = Failed(now=1.0, error=ERRORS["unauthorised"])
    happenings = [wants, Nothing(now=2.0), wants, Nothing(now=3.0), wants]
    watched, done = drive(at(C), *happenings)
    assert [each.what for each in done if isinstance(each, Tell)] == ["It wants a token."]
    _, done = drive(watched, Held(now=4.0), Released(now=5.0), Due(now=5.0), wants)
    assert [each.what for each in done if isinstance(each, Tell)] == ["It wants a token."]


def test_where_nobody_sent_us_only_a_find_is_told() -> None:
    _, done = drive(at(C, named=False), Nothing(now=1.0), Due(now=50.0), Nothing(now=51.0))
    assert [each for each in done if isinstance(each, Tell)] == []
    _, done = drive(at(C, named=False), Found(now=1.0, service=SERVICE))
    assert [each.what for each in done if isinstance(each, Tell)] == [
        f"ComfyUI at {WHERE} is connected."
    ]


def test_what_is_held_is_not_asked_and_late_answers_count_for_nothing() -> None:
    watched, done = drive(
        at(R), Held(now=1.0), Due(now=500.0), Found(now=501.0, service=SERVICE),
        Answered(now=502.0, health=Health()), Failed(now=503.0, error=lost()),
    )  # fmt: skip
    assert (watched.state, done) == (H, [])
    watched, done = drive(watched, Released(now=600.0), Due(now=600.0))
    assert (watched.state, [type(each) for each in done]) == (C, [Identify])


def test_uptime_counts_only_while_it_is_watched() -> None:
    watched, _ = drive(
        Watched(address=WHERE), Due(now=0.0), Found(now=10.0, service=SERVICE),
        Answered(now=20.0, health=Health()), Nothing(now=30.0), Due(now=40.0),
        Found(now=50.0, service=SERVICE), Held(now=60.0), Released(now=90.0),
    )  # fmt: skip
    assert (watched.up_s, watched.seen_s) == (30.0, 50.0)


@given(st.lists(st.tuples(st.sampled_from(sorted(HAPPENINGS)), st.floats(0.0, 40.0)), max_size=60))
def test_whatever_happens_news_come_once_and_one_question_at_a_time(
    happenings: list[tuple[str, float]],
) -> None:
    watched, now = Watched(address=WHERE, named=True), 0.0
    for name, pause in happenings:
        now += pause
        happening = HAPPENINGS[name]
        before = watched
        watched, commands = advance(before, type(happening)(**{**_fields(happening), "now": now}))
        asks = [each for each in commands if not isinstance(each, Tell)]
        assert len(asks) <= 1
        assert not asks or (not before.asking and watched.asking)
        assert watched.state is not H or not asks
        for each in commands:
            if isinstance(each, Tell):
                assert before.state is not watched.state
                assert each.good or each.remedy
        assert watched.up_s <= watched.seen_s + 1e-6
        assert watched.seen_s <= now + 1e-6


def _fields(happening: Happening) -> dict[str, object]:
    return {name: getattr(happening, name) for name in happening.__slots__}


def test_only_a_ready_service_is_used() -> None:
    assert [state for state in State if state.usable] == [R]
    assert states.HEALTH_S * 2 <= 2.0


@pytest.mark.parametrize("state", [C, L, N, A, M])
@pytest.mark.parametrize("answer", [Nothing(now=101.0), Failed(now=101.0, error=lost())])
def test_wanted_while_an_answer_is_out_it_is_asked_again_once_that_is_there(
    state: State, answer: Happening
) -> None:
    wanted, commands = advance(at(state), Wanted(now=100.0))
    assert (wanted.state, commands) == (state, ())
    after, _ = advance(wanted, answer)
    asked, commands = advance(after, Due(now=101.0))
    assert commands == (Identify(address=WHERE),)
    after, _ = advance(asked, Nothing(now=102.0))
    assert advance(after, Due(now=102.0 + states.RETRY_S - 1.0))[1] == (), "once, not for ever"


def test_what_is_found_meanwhile_is_not_asked_again_for_that() -> None:
    wanted, _ = advance(at(C), Wanted(now=100.0))
    found, _ = advance(wanted, Found(now=101.0, service=SERVICE))
    gone, _ = advance(replace(found, doubted=True), Failed(now=110.0, error=lost()))
    assert (gone.state, gone.next_s) == (L, 110.0 + states.RETRY_S)


@pytest.mark.parametrize("state", State)
def test_wanted_at_once_what_is_away_is_asked_without_waiting(state: State) -> None:
    before = at(state, asking=False, next_s=130.0)
    after, commands = advance(before, Wanted(now=100.0))
    assert commands == ()
    _, commands = advance(after, Due(now=100.0))
    away = state in (State.LOST, State.UNREACHABLE, State.UNAUTHORISED, State.INCOMPATIBLE)
    assert commands == ((Identify(address=WHERE),) if away else ())
