"""Every speaker keeps one voice: all lines of one are said by one server, whoever else could."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from movie_director.core.candidates import Choice, Refuse, Way
from movie_director.core.casting import SPOKEN_BY, cast
from movie_director.core.plan import Absent, Find, Plan, plan
from movie_director.core.replan import replan
from movie_director.core.step import (
    SPEECH,
    Artifact,
    Device,
    DeviceId,
    Option,
    Service,
    ServiceId,
    Step,
    StepId,
)

from tests.fakes import program, step

WAY = Option(executor="speech", workflow="speech", seconds=2.0)
DEVICES = tuple(Device(id=DeviceId(f"card{n}"), budget_bytes=2**30) for n in range(3))
ONE, TWO, THREE = (
    Service(
        id=ServiceId(f"speech@{n}"), executor="speech", device=device.id,
        address=f"http://127.0.0.1:{8880 + n}", capabilities=frozenset({SPEECH}),
    )
    for n, device in enumerate(DEVICES)
)  # fmt: skip
SPEAKERS = ("Nora", "Tom", "Nora", "", "Tom", "Nora", "", "Nora", "Tom", "Nora")


def line(number: int, name: str, *options: Option) -> Step:
    return step(
        f"l{number:04}:speech", kind=SPEECH, options=options or (WAY,), text=f"Line {number}.",
        speaker={"identity": name.lower(), "name": name or "Narrator"}, recording=None,
    )  # fmt: skip


def lines(names: Iterable[str] = SPEAKERS) -> list[Step]:
    return [line(number, name) for number, name in enumerate(names)]


def nothing_made(step: Step) -> Absent:
    return Absent(reason="new", text="it is new")


def planned(
    steps: list[Step],
    services: Collection[Service] = (ONE, TWO),
    *,
    refuse: Refuse = lambda step, option, service: None,
    find: Find = nothing_made,
    only: str = "",
) -> Plan:
    return plan(
        program(steps), devices=DEVICES, services=services, refuse=refuse, find=find, only=only
    )


def said_at(made: Plan) -> dict[str, set[str]]:
    """The services that say the lines of each speaker."""
    found: dict[str, set[str]] = {}
    for placed in made.to_do:
        name = placed.step.inputs["speaker"]["name"]
        found.setdefault(name, set()).add(str(placed.service.id))
    return found


def spoken_by(service: Service, *ids: str) -> Find:
    """These lines are there, said by that service."""

    def find(step: Step) -> Artifact | Absent:
        if step.id not in ids:
            return nothing_made(step)
        return Artifact(
            step=step.id, intent=step.intent, path=Path("x.wav"), content=step.intent,
            facts={SPOKEN_BY: str(service.id)},
        )  # fmt: skip

    return find


def test_each_of_three_speakers_is_said_by_one_of_two_equal_services_and_both_are_used() -> None:
    made = planned(lines())
    assert said_at(made) == {"Nora": {"speech@0"}, "Tom": {"speech@1"}, "Narrator": {"speech@1"}}
    assert len(made.to_do) == len(SPEAKERS)


def test_the_reason_says_whose_voice_is_kept_and_so_does_that_of_who_is_passed_over() -> None:
    reasons = {placed.reason for placed in planned(lines(["Nora", "Nora"])).to_do}
    assert reasons == {
        "the best way there is: it says all lines of Nora; not speech@1: so that Nora keeps one voice"
    }


def test_the_same_film_is_cast_the_same_each_time() -> None:
    assert planned(lines()).to_json() == planned(lines()).to_json()


def test_a_service_that_refuses_one_line_of_a_speaker_says_none_of_them() -> None:
    def refuse(step: Step, option: Option, service: Service) -> str | None:
        tight = service.id == ONE.id and step.id == "l0007:speech"
        return "it says at most 4 letters at once" if tight else None

    made = said_at(planned(lines(), refuse=refuse))
    assert made["Nora"] == {"speech@1"}
    assert made["Tom"] == {"speech@0"}


def test_lines_that_no_service_can_all_say_are_left_to_the_planner() -> None:
    def refuse(step: Step, option: Option, service: Service) -> str | None:
        mine = ONE.id if step.id == "l0000:speech" else TWO.id
        return None if service.id == mine else "not there"

    assert said_at(planned(lines(["Nora"] * 3), refuse=refuse)) == {
        "Nora": {"speech@0", "speech@1"}
    }


def test_who_said_most_of_a_speakers_lines_goes_on_even_when_only_a_part_is_made() -> None:
    there = spoken_by(TWO, "l0000:speech", "l0002:speech")
    assert said_at(planned(lines(), find=there))["Nora"] == {"speech@1"}
    part = planned(lines(), find=there, only="l0005")
    assert said_at(part) == {"Nora": {"speech@1"}}
    assert said_at(replanned(part)) == {"Nora": {"speech@1"}}


def test_a_server_in_two_roles_counts_once() -> None:
    other = replace(ONE, id=ServiceId("gradio@0"), executor="gradio")
    both = (WAY, replace(WAY, executor="gradio"))
    film = [line(number, name, *both) for number, name in enumerate(SPEAKERS)]
    made = said_at(planned(film, (ONE, other, TWO)))
    assert made["Nora"].isdisjoint(made["Tom"])
    assert made["Tom"] == made["Narrator"] == {"speech@1"}


def test_the_users_own_recordings_are_nobodys_lines() -> None:
    own = [
        replace(each, inputs={**each.inputs, "recording": "mine.wav"}) for each in lines(["A"] * 4)
    ]
    assert {placed.reason for placed in planned(own).to_do} == {
        "the best way there is; not speech@1: the film as a whole is done no sooner",
        "the best way there is; not speech@0: the film as a whole is done no sooner",
    }


def replanned(made: Plan, *, gone: Collection[Service] = (), done: Collection[str] = ()) -> Plan:
    return replan(
        made, refuse=lambda step, option, service: None, gone=[each.id for each in gone],
        done=[StepId(id) for id in done],
    ).plan  # fmt: skip


def test_when_a_service_left_all_that_is_left_of_a_speaker_goes_to_one_other() -> None:
    made = planned(lines(), (ONE, TWO, THREE))
    done = ["l0000:speech", "l0002:speech"]
    after = replanned(made, gone=[ONE], done=done)
    rest = replace(
        after,
        stages=tuple(
            replace(stage, steps=left)
            for stage in after.stages
            if (left := tuple(each for each in stage.steps if each.step.id not in done))
        ),
    )
    (nora,) = said_at(rest)["Nora"]
    assert nora in ("speech@1", "speech@2")
    assert {name: len(at) for name, at in said_at(rest).items()} == {
        "Nora": 1, "Tom": 1, "Narrator": 1,
    }  # fmt: skip


def test_whoever_began_a_speaker_goes_on_when_the_rest_is_planned_anew() -> None:
    made = planned(lines(), (TWO, ONE))
    (began,) = said_at(made)["Nora"]
    after = replanned(made, done=["l0000:speech", "l0001:speech"])
    assert said_at(after)["Nora"] == {began}
    assert said_at(after)["Tom"] == said_at(made)["Tom"]


def test_two_thousand_lines_are_cast_in_no_time() -> None:
    services = {each.id: each for each in (ONE, TWO, THREE)}
    ways = (Way(option=WAY, cost=WAY, services=tuple(services.values())),)
    film = [
        Choice(step=each, ways=ways, refused=())
        for each in lines(f"Speaker {n % 40}" for n in range(2000))
    ]
    took = []
    for _ in range(3):
        began = time.perf_counter()
        settled = cast(film, (), services)
        took.append(time.perf_counter() - began)
    assert {len(choice.ways[0].services) for choice in settled} == {1}
    assert min(took) < 0.1, f"casting took {min(took):.3f} s"
