# SPDX-License-Identifier: GPL-3.0-or-later
"""Who speaks for whom: every speaker's lines are left to one server, so that they are one voice.

Each server has voices of its own, and a planner that shares lines out would give a character
several.  The server that said most of a speaker's lines goes on; else the one that is done soonest.
Only what can say all lines at the best fidelity counts: where nothing can, they stay as they are.
Whether a film that is made has one voice for each is told by ``voice_drift``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from .candidates import Choice, Refused
from .step import SPEECH, Artifact, Service, ServiceId, Step, StepId

__all__ = ["SPOKEN_BY", "Speaker", "cast", "said_by", "speaker"]

#: Who speaks: identity and name; the narrator has no identity.
Speaker: TypeAlias = tuple[str, str]
#: The fact of a line that says which service spoke it.
SPOKEN_BY = "spoken_by"


def speaker(step: Step) -> Speaker | None:
    """Who is given a voice in a step; None for other work and for the user's own recording."""
    who = step.inputs.get("speaker") if step.kind == SPEECH else None
    if not who or step.inputs.get("recording"):
        return None
    return who["identity"], who["name"]


def said_by(
    steps: Mapping[StepId, Step], made: Mapping[StepId, Artifact]
) -> Iterator[tuple[Step, ServiceId]]:
    """The lines that are made, with who spoke them where that is known."""
    for id, artifact in made.items():
        if (by := artifact.facts.get(SPOKEN_BY)) is not None:
            yield steps[id], ServiceId(str(by))


def cast(
    choices: Sequence[Choice],
    said: Iterable[tuple[Step, ServiceId]],
    services: Mapping[ServiceId, Service],
) -> list[Choice]:
    """The choices, in the film's order, with all lines of a speaker left to one server.

    ``said`` are the lines that stay, with who spoke them.
    """
    lines: dict[Speaker, list[int]] = {}
    for number, choice in enumerate(choices):
        if (who := speaker(choice.step)) is not None:
            lines.setdefault(who, []).append(number)
    spoke = Counter((speaker(step), _server_of(id, services)) for step, id in said)
    given: dict[str, float] = defaultdict(float)
    settled = [*choices]
    for who, numbers in lines.items():
        takes = _takes([choices[number] for number in numbers])
        if not takes:
            continue
        chosen = min(
            takes, key=lambda at: (-spoke[who, at], given[at] + takes[at])
        )  # called at once
        given[chosen] += takes[chosen]
        for number in numbers:
            settled[number] = _left_to(chosen, choices[number], who[1])
    return settled


def _server(service: Service) -> str:
    """One server has one address, whatever it is used for."""
    return service.address or str(service.id)


def _server_of(id: ServiceId, services: Mapping[ServiceId, Service]) -> str:
    return _server(services[id]) if id in services else str(id)


def _takes(lines: Iterable[Choice]) -> dict[str, float]:
    """Seconds until all lines are said, for each server that can say them all."""
    first, *others = map(_seconds, lines)
    able = [at for at in first if all(at in each for each in others)]
    return {at: first[at] + sum(each[at] for each in others) for at in able}


def _seconds(line: Choice) -> dict[str, float]:
    """What a line adds to each server's time, in the order they are offered."""
    least: dict[str, float] = {}
    for way in line.ways:
        for service in way.services:
            at, seconds = _server(service), way.cost.seconds / service.slots
            least[at] = min(seconds, least.get(at, seconds))
    return least


def _left_to(server: str, line: Choice, name: str) -> Choice:
    """The line with the ways on that server; the others are passed over for the voice's sake."""
    why = f"so that {name} keeps one voice"
    passed = {
        service.id: Refused(who=str(service.id), why=why, option=way.option)
        for way in line.ways
        for service in way.services
        if _server(service) != server
    }
    if not passed:
        return line
    ways = [
        replace(way, services=tuple(each for each in way.services if _server(each) == server))
        for way in line.ways
    ]
    return replace(
        line,
        ways=tuple(way for way in ways if way.services),
        refused=(*line.refused, *passed.values()),
        because=f"it says all lines of {name}",
    )
