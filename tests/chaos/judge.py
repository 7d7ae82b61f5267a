"""What must hold: of each operation when it is over, of each kind of service when all is done.

Of an operation that is over little is kept: the suite's own notes are no part of what it measures.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from movie_director.core.errors import MovieDirectorError
from movie_director.core.executor import Cancelled, Failed, Finished, Produced, Progressed

from tests.chaos.entry import Entry
from tests.chaos.lane import LAST, Lane, Operation, error_of

#: Seconds by which a sound may differ from what its number says: codecs fill their last frame.
SLACK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is kept of an operation until its service's own account can be looked at."""

    what: str  #: for a person
    ids: tuple[str, ...]  #: its mark, and its tickets
    finished: bool
    evaluated: int
    strikes: int


@dataclass(kw_only=True)
class Figures:
    """What became of the operations of one entry; ``wrong`` says what must not be, in words."""

    entry: Entry
    settled: list[Settled] = field(default_factory=list)
    operations: int = 0
    made: int = 0
    made_again: int = 0  #: after an error with a remedy, by evaluating again
    cancelled: int = 0
    lost: int = 0
    foreign: int = 0
    doubled: int = 0  #: how often work was done that had been done
    deaths: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def unrecoverable(self) -> float:
        """The share of operations that ended with lost work, in percent."""
        return 100.0 * self.lost / max(1, self.operations)


def settle(found: Figures, operation: Operation) -> None:
    """Count an operation that is over, and judge what was told of it."""
    found.operations += 1
    what = f"{found.entry.name}, {operation.key}, {operation.fault.name}"
    end = operation.end
    if isinstance(end, Finished):
        found.made += operation.evaluated == 1
        found.made_again += operation.evaluated > 1
    elif isinstance(end, Cancelled):
        found.cancelled += 1
    else:
        found.lost += 1
        error = error_of(end)
        found.wrong.append(f"{what}: lost: {error} {error.log if error else ''}")
    found.wrong += [f"{what}: {each}" for each in _unkept(operation)]
    foreign = list(_foreign(operation))
    found.foreign += len(foreign)
    found.wrong += [f"{what}: {each}" for each in foreign]
    found.settled.append(
        Settled(
            what=what, ids=(operation.key, *operation.tickets), finished=isinstance(end, Finished),
            evaluated=operation.evaluated, strikes=operation.fault.strikes,
        )
    )  # fmt: skip


def judge(found: Figures, lane: Lane) -> None:
    """Compare what was told with what the service, in all its lives, was given and did."""
    entry = found.entry
    found.seconds, found.deaths = lane.seconds, lane.deaths
    harmed = {id for life in lane.lives for id in entry.harmed(life, lane.theirs)}
    found.wrong += [f"somebody else's work was stopped: {id}" for id in sorted(harmed)]
    found.foreign += len(harmed)
    given = Counter(id for life in lane.lives for id in entry.given(life))
    ran = [Counter(entry.ran(life)) for life in lane.lives]
    for each in found.settled:
        times = sum(given[id] for id in each.ids)
        if each.finished and not times:
            found.foreign += 1
            found.wrong.append(f"{each.what}: its service never had the work")
        excess, most = _excess(each, ran) if entry.exactly_once else _repeated(each, times)
        found.doubled += excess
        if excess > most:
            found.wrong.append(
                f"{each.what}: done {excess} times too often, {most} can be explained"
            )


def _unkept(operation: Operation) -> Iterator[str]:
    """Promises of an executor that were not kept."""
    for told in operation.told:
        ends = [event for event in told if isinstance(event, LAST)]
        if ends != told[-1:]:
            yield f"it ended as {ends}"
        moves = [event.fraction for event in told if isinstance(event, Progressed)]
        if moves != sorted(moves):
            yield "its progress fell"
        made = [event for event in told if isinstance(event, Produced)]
        if len(made) != isinstance(told[-1] if told else None, Finished):
            yield f"it produced {len(made)} files"
        error = error_of(told[-1] if told else None)
        if error is not None:
            yield from _mute(error)
    first = operation.first_end
    allowed = operation.fault.ends
    if isinstance(first, Failed | Cancelled) and type(first).__name__ not in allowed:
        yield f"it ended as {type(first).__name__} at first: {error_of(first)}"
    if isinstance(first, Cancelled) and not operation.cancel.is_set():
        yield "it was given up, and nobody wanted that"


def _mute(error: MovieDirectorError) -> Iterator[str]:
    """An error that does not say what happened and what to do."""
    if not error.what or not error.remedy:
        yield f"an error without a remedy: {error!r}"
    if "bug" in f"{error.what} {error.remedy}":
        yield f"an error that is a bug of ours: {error}\n{error.log}"


def _foreign(operation: Operation) -> Iterator[str]:
    """Results that are another operation's."""
    if not isinstance(operation.end, Finished) or operation.work is None:
        return
    (made,) = (event for event in operation.told[-1] if isinstance(event, Produced))
    wanted = operation.work.seconds
    if wanted and abs(float(made.facts["seconds"]) - wanted) > SLACK_S:
        yield f"its sound is {made.facts['seconds']} s long and should be {wanted:g} s"
    if made.path.suffix == ".json":
        told = json.loads(made.path.read_text(encoding="utf-8"))["value"]
        if told != {"about": operation.key}:
            yield f"its answer is {told}"


def _repeated(settled: Settled, times: int) -> tuple[int, int]:
    """How often the work was given too often, and how often that can be explained."""
    tries = len(settled.ids) - 2  # its mark is none, and the first is no repetition
    return max(0, times - 1), tries + settled.strikes


def _excess(settled: Settled, ran: Sequence[Counter[str]]) -> tuple[int, int]:
    """How often the work was done too often, where nothing can explain that."""
    most = 0
    for life in ran:
        mine = [life[id] for id in settled.ids if life[id]]
        # A person who evaluates again after an error wants it made again.
        most += max(0, sum(mine) - settled.evaluated) + sum(each - 1 for each in mine)
    return most, 0


def table_of(figures: Iterable[Figures]) -> list[str]:
    """The figures as lines to read."""
    head = ("kind of service", "ops", "made", "again", "given up", "lost", "foreign", "twice",
            "deaths", "s", "unrecoverable")  # fmt: skip
    rows = [head]
    every = list(figures)
    for each in every:
        twice = f"{each.doubled}" if not each.entry.exactly_once else f"{each.doubled} (once)"
        rows.append((
            each.entry.name, str(each.operations), str(each.made), str(each.made_again),
            str(each.cancelled), str(each.lost), str(each.foreign), twice, str(each.deaths),
            f"{each.seconds:.0f}", f"{each.unrecoverable:.2f} %",
        ))  # fmt: skip
    whole = sum(each.operations for each in every)
    lost = sum(each.lost for each in every)
    rows.append((
        "all", str(whole), str(sum(each.made for each in every)),
        str(sum(each.made_again for each in every)), str(sum(each.cancelled for each in every)),
        str(lost), str(sum(each.foreign for each in every)),
        str(sum(each.doubled for each in every)), str(sum(each.deaths for each in every)), "",
        f"{100.0 * lost / max(1, whole):.2f} %",
    ))  # fmt: skip
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
