"""The schedule as tables: events in, commands out, no clock and no thread."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import OutOfMemory, ServiceLost, StepFailed, StorageFull
from movie_director.core.executor import Accepted, Cancelled, Failed, Finished, Lost, Progressed
from movie_director.core.happenings import (
    Anew,
    CancelAll,
    Command,
    Free,
    Freed,
    Halt,
    Happening,
    Moved,
    Send,
    Stop,
    Tick,
)
from movie_director.core.schedule import FIRST_PAUSE_S, MOST_ATTEMPTS, State, advance, begin
from movie_director.core.state import SETTLED, NodeState
from movie_director.core.step import (
    DeviceId,
    ModelId,
    Option,
    Placed,
    Service,
    ServiceId,
    Stage,
    StepId,
)

from tests.fakes import made, program, step

A, B, C = StepId("a"), StepId("b"), StepId("c")
ERROR = StepFailed("It failed.", remedy="Do it better.")
GONE = ServiceLost("It went.", remedy="Bring it back.")
FULL = StorageFull("It is full.", remedy="Empty it.")


def stage(
    *steps: Placed, service: str = "s", device: str = "d", unload: frozenset[ModelId] = frozenset()
) -> Stage:
    frees = ((ServiceId(service), unload),) if unload else ()
    return Stage(
        device=DeviceId(device), service=ServiceId(service), steps=steps, unload=unload, frees=frees
    )


def placed(graph: dict[str, list[str]], service: str = "s", device: str = "d") -> dict[str, Placed]:
    """Steps by name, each with the names it needs, in order."""
    made_by = program(
        step(name, options=(), **{parent: made(parent) for parent in parents})
        for name, parents in graph.items()
    )
    there = Service(id=ServiceId(service), executor="fake", device=DeviceId(device))
    return {
        id: Placed(step=each, option=Option(executor="fake"), service=there)
        for id, each in made_by.steps.items()
    }


def at(all_steps: dict[str, Placed], name: str, service: str, device: str) -> Placed:
    """The same step on another service."""
    there = Service(id=ServiceId(service), executor="fake", device=DeviceId(device))
    return dataclasses.replace(all_steps[name], service=there)


class Play:
    """A schedule being told things; remembers what it commanded, in words."""

    def __init__(self, *stages: Stage, slots: int = 1) -> None:
        counts = {one.service: slots for one in stages}
        self.now = 0.0
        self.state, commands = begin(stages, counts, seed=1)
        self.said = [words(command) for command in commands]

    def tell(self, event: Happening) -> list[str]:
        self.state, commands = advance(self.state, event, now=self.now)
        return [words(command) for command in commands]


def words(command: Command) -> str:
    match command:
        case Send(placed=work, attempt=attempt, again=again):
            return f"send {work.step.id} #{attempt}" + (" again" if again else "")
        case Stop(step=id):
            return f"stop {id}"
        case Free(service=service, models=models):
            return f"free {service} {'everything' if models is None else ','.join(sorted(models))}"
        case Moved(step=id, state=state):
            return f"{id} {state}"


def test_what_is_ready_is_sent_in_order_and_the_rest_waits() -> None:
    steps = placed({"a": [], "b": [], "c": ["a"]})
    play = Play(stage(*steps.values()))
    assert play.said == ["a scheduled", "b scheduled", "send a #1"]
    assert play.tell(Accepted(step=A)) == ["a cooking"]
    assert play.tell(Progressed(step=A, fraction=0.5)) == []
    assert play.tell(Finished(step=A)) == ["a cooked", "c scheduled", "send b #1"]
    assert play.tell(Finished(step=B)) == ["b cooked", "send c #1"]
    assert play.tell(Finished(step=C)) == ["c cooked"]
    assert play.state.done


def test_a_service_works_on_as_many_steps_as_it_has_slots() -> None:
    steps = placed({"a": [], "b": [], "c": []})
    play = Play(stage(*steps.values()), slots=2)
    assert [said for said in play.said if said.startswith("send")] == ["send a #1", "send b #1"]
    assert play.tell(Finished(step=B)) == ["b cooked", "send c #1"]


def test_stages_of_one_device_follow_one_another() -> None:
    steps = placed({"a": [], "b": []})
    play = Play(stage(steps["a"], service="s"), stage(at(steps, "b", "t", "d"), service="t"))
    assert play.said == ["a scheduled", "send a #1"]
    assert play.tell(Finished(step=A)) == ["a cooked", "b scheduled", "send b #1"]


def test_independent_devices_work_side_by_side() -> None:
    steps = placed({"a": [], "b": [], "c": ["a", "b"]})
    play = Play(
        stage(steps["a"], steps["c"]), stage(at(steps, "b", "t", "e"), service="t", device="e")
    )
    assert play.said == ["a scheduled", "send a #1", "b scheduled", "send b #1"]
    assert play.tell(Finished(step=A)) == ["a cooked"]
    assert play.tell(Finished(step=B)) == ["b cooked", "c scheduled", "send c #1"]


def test_memory_is_given_back_before_the_next_stage_begins() -> None:
    steps = placed({"a": [], "b": ["a"]})
    play = Play(stage(steps["a"]), stage(steps["b"], unload=frozenset({ModelId("wan")})))
    assert play.tell(Finished(step=A)) == ["a cooked", "free s wan"]
    assert play.tell(Tick()) == []
    assert play.tell(Freed(device=DeviceId("d"))) == ["b scheduled", "send b #1"]


def test_a_stage_begins_when_every_service_asked_has_given_back() -> None:
    steps = placed({"a": [], "b": ["a"]})
    wan = frozenset({ModelId("wan")})
    second = replace(stage(steps["b"]), frees=((ServiceId("s"), wan), (ServiceId("t"), wan)))
    play = Play(stage(steps["a"]), second)
    assert play.tell(Finished(step=A)) == ["a cooked", "free s wan", "free t wan"]
    assert play.tell(Freed(device=DeviceId("d"))) == []
    assert play.tell(Freed(device=DeviceId("d"))) == ["b scheduled", "send b #1"]


def test_a_failed_step_takes_with_it_only_what_depends_on_it() -> None:
    steps = placed({"a": [], "b": [], "c": ["a"], "e": ["c"], "f": ["b"]})
    play = Play(stage(*steps.values()))
    assert play.tell(Failed(step=A, error=ERROR)) == [
        "a failed", "c failed", "e failed", "send b #1",
    ]  # fmt: skip
    assert play.tell(Finished(step=B)) == ["b cooked", "f scheduled", "send f #1"]


def test_what_lacks_a_failed_step_says_which_and_is_not_the_error_itself() -> None:
    steps = placed({"a": [], "c": ["a"]})
    state, _ = begin([stage(*steps.values())], {})
    _, commands = advance(state, Failed(step=A, error=ERROR), now=0)
    moved = [command for command in commands if isinstance(command, Moved)]
    assert [(m.step, m.because) for m in moved] == [(A, None), (C, A)]
    assert moved[0].error is ERROR
    assert "'a' (a), which failed" in str(moved[1].error)


def test_a_passing_failure_is_tried_again_after_a_growing_pause() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    pauses = []
    for attempt in range(2, MOST_ATTEMPTS + 1):
        assert play.tell(Failed(step=A, error=ERROR, transient=True)) == ["a scheduled"]
        due = play.state.next_due
        assert due is not None
        pauses.append(due - play.now)
        play.now = due - 0.001
        assert play.tell(Tick()) == []
        play.now = due
        assert play.tell(Tick()) == [f"send a #{attempt}"]
    assert play.tell(Failed(step=A, error=ERROR, transient=True)) == ["a failed"]
    for count, pause in enumerate(pauses):
        assert FIRST_PAUSE_S * 2**count / 2 <= pause <= FIRST_PAUSE_S * 2**count
    assert play.state.done


def test_other_steps_use_the_slot_while_one_pauses() -> None:
    play = Play(stage(*placed({"a": [], "b": []}).values()))
    assert play.tell(Failed(step=A, error=ERROR, transient=True)) == ["a scheduled", "send b #1"]
    play.now = 99.0
    assert play.tell(Tick()) == []
    assert play.tell(Finished(step=B)) == ["b cooked", "send a #2"]


def test_a_lasting_failure_is_never_tried_again() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    assert play.tell(Failed(step=A, error=ERROR)) == ["a failed"]


def test_a_lost_step_is_asked_after_before_it_is_sent_again() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    assert play.tell(Lost(step=A, service=ServiceId("s"), error=GONE)) == ["a scheduled"]
    play.now = 99.0
    assert play.tell(Tick()) == ["send a #2 again"]


def test_cancelling_stops_what_runs_and_gives_up_the_rest() -> None:
    steps = placed({"a": [], "b": [], "c": ["a"]})
    play = Play(stage(*steps.values()))
    assert play.tell(CancelAll()) == ["b cancelled", "c cancelled", "stop a"]
    assert not play.state.done
    assert play.tell(Cancelled(step=A)) == ["a cancelled"]
    assert play.state.done


def test_a_step_that_finishes_although_cancelled_counts_as_made() -> None:
    play = Play(stage(*placed({"a": [], "c": ["a"]}).values()))
    play.tell(CancelAll())
    assert play.tell(Finished(step=A)) == ["a cooked"]


def test_a_failure_after_cancelling_is_a_cancelled_step() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    play.tell(CancelAll())
    assert play.tell(Failed(step=A, error=ERROR, transient=True)) == ["a cancelled"]


def test_a_step_in_its_pause_is_cancelled_at_once() -> None:
    play = Play(stage(*placed({"a": []}).values()))
    play.tell(Failed(step=A, error=ERROR, transient=True))
    assert play.tell(CancelAll()) == ["a cancelled"]
    play.now = 99.0
    assert play.tell(Tick()) == []


def test_an_executor_that_cancels_by_itself_takes_its_children_along() -> None:
    play = Play(stage(*placed({"a": [], "b": ["a"]}).values()))
    assert play.tell(Cancelled(step=A)) == ["a cancelled", "b cancelled"]


def test_a_full_disk_ends_the_run_but_what_runs_may_finish() -> None:
    steps = placed({"a": [], "b": [], "c": [], "e": ["a"]})
    play = Play(stage(*steps.values()), slots=2)
    assert play.tell(Halt(step=A, error=FULL)) == ["a failed", "e failed", "c cancelled"]
    assert play.tell(Finished(step=B)) == ["b cooked"]
    assert play.state.done


@pytest.mark.parametrize(
    "event", [Finished(step=B), Finished(step=StepId("nobody")), Failed(step=B, error=ERROR)]
)
def test_news_of_unknown_or_unsent_steps_change_nothing(event: Happening) -> None:
    play = Play(stage(*placed({"a": [], "b": ["a"]}).values()))
    assert play.tell(event) == []


def test_the_pause_follows_from_the_seed() -> None:
    dues = []
    for seed in (1, 1, 2):
        state, _ = begin([stage(*placed({"a": []}).values())], {}, seed=seed)
        state, _ = advance(state, Failed(step=A, error=ERROR, transient=True), now=0)
        dues.append(state.next_due)
    assert dues[0] == dues[1] != dues[2]


graphs = st.integers(1, 12).flatmap(
    lambda count: st.lists(
        st.sets(st.integers(0, count - 1), max_size=3), min_size=count, max_size=count
    )
)


@settings(max_examples=150, deadline=None)
@given(
    parents=graphs,
    devices=st.lists(st.integers(0, 2), min_size=12, max_size=12),
    slots=st.integers(1, 3),
    choices=st.lists(
        st.sampled_from(["ok"] * 5 + ["fail", "pass", "lose", "starve", "anew0", "anew1", "anew2"]),
        min_size=300, max_size=300,
    ),
    cancel_at=st.integers(0, 60),
)  # fmt: skip
def test_whatever_happens_every_step_is_settled_and_no_parent_is_skipped(
    parents: list[set[int]], devices: list[int], slots: int, choices: list[str], cancel_at: int
) -> None:
    graph = {
        f"s{index}": [f"s{other}" for other in sorted(of) if other < index]
        for index, of in enumerate(parents)
    }
    steps = placed(graph)
    stages = tuple(
        stage(at(steps, name, f"s{devices[index]}", f"d{devices[index]}"),
              service=f"s{devices[index]}", device=f"d{devices[index]}")
        for index, name in enumerate(steps)
    )  # fmt: skip
    state, commands = begin(stages, dict.fromkeys((s.service for s in stages), slots))
    settled = _play_out(state, commands, choices, cancel_at, graph)
    assert state.done
    assert set(settled) == set(graph)


def _play_out(
    state: State, commands: list[Command], choices: list[str], cancel_at: int,
    graph: dict[str, list[str]],
) -> dict[str, NodeState]:  # fmt: skip
    settled: dict[str, NodeState] = {}
    running: list[StepId] = []
    freeing: list[DeviceId] = []
    now = 0.0
    for count, choice in enumerate(choices):
        for command in commands:
            if isinstance(command, Send):
                id = command.placed.step.id
                assert all(settled[parent] is NodeState.COOKED for parent in graph[id])
                assert id not in running
                assert command.placed.step.id in _of_stage(state, command.placed)
                running.append(id)
            elif isinstance(command, Free):
                freeing.append(command.device)
            elif isinstance(command, Moved) and command.state in (
                NodeState.COOKED, NodeState.FAILED, NodeState.CANCELLED,
            ):  # fmt: skip
                assert command.step not in settled
                settled[command.step] = command.state
        if count == cancel_at:
            state, commands = advance(state, CancelAll(), now=now)
        elif choice.startswith("anew") and count < cancel_at:
            state, commands = advance(state, _other_stages(state, int(choice[4:])), now=now)
        elif freeing:
            state, commands = advance(state, Freed(device=freeing.pop(0)), now=now)
        elif running:
            state, commands = advance(state, _event(choice, running.pop(0)), now=now)
        else:
            now += 60
            state, commands = advance(state, Tick(), now=now)
    return settled


def _of_stage(state: State, placed: Placed) -> set[StepId]:
    """The steps of the stage under way on the device that a step was sent to."""
    line = state.lines[placed.service.device]
    return {each.step.id for each in state.stages[line.stages[0]].steps}


def _other_stages(state: State, device: int) -> Anew:
    """All that is not begun on one device; what is settled or under way where it was."""
    begun: dict[str, list[Placed]] = {}
    rest = []
    for entry in state.entries.values():
        if entry.running or entry.state in SETTLED:
            begun.setdefault(str(entry.placed.service.device), []).append(entry.placed)
        else:
            there = Service(
                id=ServiceId(f"s{device}"), executor="fake", device=DeviceId(f"d{device}")
            )
            rest.append(dataclasses.replace(entry.placed, service=there))
    kept = [stage(*them, service=f"s{d[1:]}", device=d) for d, them in begun.items()]
    return Anew(
        stages=(*kept, *([stage(*rest, service=f"s{device}", device=f"d{device}")] if rest else []))
    )


def _event(choice: str, id: StepId) -> Happening:
    if choice == "lose":
        return Lost(step=id, service=ServiceId("s"), error=GONE)
    if choice == "starve":
        return starved(id)
    if choice == "ok" or choice.startswith("anew"):
        return Finished(step=id)
    return Failed(step=id, error=ERROR, transient=choice == "pass")


def starved(id: StepId) -> Failed:
    return Failed(step=id, error=OutOfMemory("It ran out.", remedy="Give it more."))


def test_out_of_memory_gives_everything_back_and_tries_once_more() -> None:
    steps = placed({"a": [], "b": []})
    play = Play(stage(*steps.values()))
    assert play.tell(starved(A)) == ["a scheduled", "free s everything"]
    assert play.tell(Freed(device=DeviceId("d"))) == ["send a #2"]
    assert play.tell(starved(A)) == ["a failed", "send b #1"]


def test_out_of_memory_beside_other_work_waits_instead_of_freeing() -> None:
    steps = placed({"a": [], "b": []})
    play = Play(stage(*steps.values()), slots=2)
    assert play.tell(starved(A)) == ["a scheduled"]
    assert play.tell(Finished(step=B)) == ["b cooked"]
    play.now = FIRST_PAUSE_S
    assert play.tell(Tick()) == ["send a #2"]


def test_a_new_plan_moves_what_waits_and_leaves_what_runs() -> None:
    steps = placed({"a": [], "b": [], "c": ["b"]})
    play = Play(stage(*steps.values()))
    moved = [at(steps, name, "t", "e") for name in "bc"]
    anew = Anew(stages=(stage(steps["a"]), stage(*moved, service="t", device="e")))
    assert play.tell(anew) == ["b waiting", "b scheduled", "send b #1"]
    assert play.tell(Finished(step=B)) == ["b cooked", "c scheduled", "send c #1"]
    assert play.tell(Finished(step=A)) == ["a cooked"]
    assert play.tell(Finished(step=C)) == ["c cooked"]
    assert play.state.done


def test_a_new_plan_for_the_same_device_waits_for_what_runs_there() -> None:
    steps = placed({"a": [], "b": []})
    play = Play(stage(*steps.values()))
    gone = frozenset({ModelId("m")})
    anew = Anew(stages=(stage(steps["a"]), stage(steps["b"], unload=gone)))
    assert play.tell(anew) == ["b waiting"]
    assert play.tell(Finished(step=A)) == ["a cooked", "free s m"]
    assert play.tell(Freed(device=DeviceId("d"))) == ["b scheduled", "send b #1"]


def test_a_new_plan_while_memory_is_given_back_opens_its_stage_afterwards() -> None:
    steps = placed({"a": [], "b": []})
    first, second = frozenset({ModelId("m")}), frozenset({ModelId("n")})
    play = Play(stage(*steps.values(), unload=first))
    assert play.said == ["free s m"]
    assert play.tell(Anew(stages=(stage(steps["b"], steps["a"], unload=second),))) == []
    assert play.tell(Freed(device=DeviceId("d"))) == ["free s n"]
    assert play.tell(Freed(device=DeviceId("d"))) == [
        "b scheduled", "a scheduled", "send b #1",
    ]  # fmt: skip


def test_what_a_new_plan_gives_up_fails_with_what_needs_it() -> None:
    steps = placed({"a": [], "b": ["a"], "c": []})
    play = Play(stage(*steps.values()))
    anew = Anew(stages=(stage(steps["c"]),), given_up={A: ERROR})
    assert play.tell(anew) == ["a failed", "b failed", "c waiting", "c scheduled", "send c #1"]
    assert play.tell(Finished(step=C)) == ["c cooked"]
    assert play.state.done


def test_a_step_done_another_way_has_all_its_attempts_again() -> None:
    steps = placed({"a": []})
    play = Play(stage(steps["a"]))
    moved = stage(at(steps, "a", "t", "e"), service="t", device="e")
    anew = Anew(stages=(moved,), ended=frozenset({A}), gone=frozenset({ServiceId("s")}))
    assert play.tell(anew) == ["a waiting", "a scheduled", "send a #1"]
    assert play.state.lines[DeviceId("d")].running == 0


def test_a_pause_outlasts_a_new_plan() -> None:
    steps = placed({"a": [], "b": []})
    play = Play(stage(*steps.values()))
    play.tell(Lost(step=A, service=ServiceId("s"), error=GONE))
    anew = Anew(stages=(stage(*steps.values()),))
    assert play.tell(Finished(step=B)) == ["b cooked"]
    assert play.tell(anew) == ["a waiting", "a scheduled"]
    play.now = FIRST_PAUSE_S
    assert play.tell(Tick()) == ["send a #2 again"]


def test_what_is_loaded_is_known_at_any_time() -> None:
    steps = placed({"a": [], "b": []})
    m, n = frozenset({ModelId("m")}), frozenset({ModelId("n")})
    play = Play(
        dataclasses.replace(stage(steps["a"]), load=m),
        dataclasses.replace(stage(steps["b"], unload=m), load=n),
    )
    assert play.state.resident == {"s": m}
    play.tell(Finished(step=A))
    assert play.state.resident == {"s": frozenset()}
    play.tell(Freed(device=DeviceId("d")))
    assert play.state.resident == {"s": n}
