"""Every executor's work on services that do everything wrong: nothing lost, foreign or untold.

Each operation gets one fault from a seed.  ``MOVIE_DIRECTOR_CHAOS`` is how many operations there are
in all (``make chaos``: ten thousand), ``MOVIE_DIRECTOR_CHAOS_SEED`` chooses others, and
``MOVIE_DIRECTOR_CHAOS_ONLY`` is a part of the name of the kinds of service that are wanted.
"""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from movie_director.executors import ace_step
from movie_director.executors._gradio import served as gradio_served
from movie_director.executors._service import bearing, errand
from movie_director.executors._wan2gp import desk, following

from tests.chaos.entry import Entry
from tests.chaos.judge import judged, table_of
from tests.chaos.lane import Lane, Operation
from tests.chaos.table import TABLE, WITHOUT

OPERATIONS = int(os.environ.get("MOVIE_DIRECTOR_CHAOS", "150"))
SEED = int(os.environ.get("MOVIE_DIRECTOR_CHAOS_SEED", "1"))
ONLY = os.environ.get("MOVIE_DIRECTOR_CHAOS_ONLY", "")
#: From so many operations on, also what takes long to start is tried.
LONG = 1000
#: Bytes that this process may have grown by when all is closed; what servers noted is a part of it.
MOST_GROWTH = 300 * 2**20


@dataclass
class Here:
    """What this process holds: threads, children, open files, memory."""

    threads: set[int | None] = field(default_factory=set)
    children: set[int] = field(default_factory=set)
    files: int = 0
    bytes: int = 0

    @classmethod
    def now(cls) -> Here:
        me = psutil.Process()
        return cls(
            {thread.ident for thread in threading.enumerate()},
            {child.pid for child in me.children(recursive=True)},
            me.num_fds() if hasattr(me, "num_fds") else 0,
            me.memory_info().rss,
        )

    def gained(self, before: Here) -> list[str]:
        """What is there that was not, in words."""
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        said = [f"the thread {names.get(ident)}" for ident in self.threads - before.threads]
        said += [f"the child process {pid}" for pid in self.children - before.children]
        if self.files > before.files + 4:  # a library may keep a few to itself
            said.append(f"{self.files - before.files} open files")
        if self.bytes > before.bytes + MOST_GROWTH:
            said.append(f"{(self.bytes - before.bytes) >> 20} MiB of memory")
        return said


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at work that takes a moment come every moment."""
    monkeypatch.setattr(following, "POLL_S", 0.01)
    monkeypatch.setattr(following, "BUSY_S", 0.02)
    monkeypatch.setattr(desk, "GATHER_S", 0.0)
    monkeypatch.setattr(ace_step, "POLL_S", 0.01)
    monkeypatch.setattr(bearing, "AGAIN_S", 0.02)
    monkeypatch.setattr(errand, "_PAUSES", (0.01, 0.02))
    monkeypatch.setattr(gradio_served, "POLL_S", 0.02)
    monkeypatch.setattr(gradio_served, "_SUPPOSED_S", 0.5)


def shares() -> dict[str, int]:
    """How many operations each entry does; at least as many as it says."""
    long = OPERATIONS >= LONG
    wanted = [entry for entry in TABLE if ONLY in entry.name and (long or not entry.long)]
    whole = sum(entry.share for entry in wanted)
    return {
        entry.name: max(entry.least, round(OPERATIONS * entry.share / whole)) for entry in wanted
    }


def operations(entry: Entry, count: int) -> list[tuple[Operation, int]]:
    """What an entry does, with the seed of each; each kind of fault comes before any comes again."""
    draw = random.Random(f"{SEED}/{entry.name}")
    weights = [fault.weight for fault in entry.faults]
    chosen = draw.sample(entry.faults, min(len(entry.faults), count))
    chosen += draw.choices(entry.faults, weights, k=count - len(chosen))
    return [
        (Operation(number, fault), draw.randrange(2**32)) for number, fault in enumerate(chosen, 1)
    ]


def carry_out(
    lane: Lane, todo: Sequence[tuple[Operation, int]], broken: list[BaseException]
) -> None:
    try:
        for number, (operation, seed) in enumerate(todo):
            lane.carry_out(operation, seed)
            if number % 20 == 19:
                lane.entry.tidy(lane.server)
    except BaseException as error:
        error.add_note(f"in {lane.entry.name}, {lane.operations[-1:]}")
        broken.append(error)


@dataclass
class Going:
    """An entry whose operations are under way."""

    entry: Entry
    lane: Lane
    thread: threading.Thread
    began: float
    ended: float = 0.0


def test_every_executor_is_in_the_table_or_has_a_reason_not_to_be() -> None:
    folder = Path(following.__file__).parent.parent
    there = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    listed = {entry.executor for entry in TABLE}
    assert there - listed - set(WITHOUT) == set(), "add it to tests/chaos/table.py"
    assert set(WITHOUT) <= there
    assert not set(WITHOUT) & listed
    assert all(entry.exactly_once or entry.bound for entry in TABLE)
    assert len({entry.name for entry in TABLE}) == len(TABLE)


@pytest.mark.timeout(120 + OPERATIONS)
@pytest.mark.usefixtures("quick")
def test_nothing_is_lost_foreign_or_made_twice_whatever_breaks(
    tmp_path: Path, shown: list[str]
) -> None:
    before = Here.now()
    broken: list[BaseException] = []
    counts = shares()
    going = list(begun(counts, tmp_path, broken, shown))
    for each in going:
        each.thread.join()
        each.ended = time.monotonic()
    closed = [each.lane.close() for each in going]
    figures = [judged(each.entry, [each.lane], each.ended - each.began) for each in going]
    shown += [f"seed {SEED}", *table_of(figures)]
    assert not broken, broken
    assert all(closed), "a worker did not end"
    wrong = [said for each in figures for said in each.wrong]
    assert not wrong, "\n".join(wrong)
    assert sum(each.operations for each in figures) >= sum(counts[f.entry.name] for f in figures)
    nothing_left(before)


def begun(
    counts: dict[str, int], root: Path, broken: list[BaseException], shown: list[str]
) -> Iterator[Going]:
    """The entries that can be tried here, under way."""
    for entry in TABLE:
        if entry.name not in counts:
            continue
        if why := entry.missing():
            shown.append(f"left out: {entry.name}: {why}")
            continue
        todo = operations(entry, counts[entry.name])
        lane = Lane(entry, 0, root / entry.name.replace(", ", "_").replace(" ", "_"))
        thread = threading.Thread(target=carry_out, args=(lane, todo, broken))
        thread.start()
        yield Going(entry, lane, thread, time.monotonic())


def nothing_left(before: Here) -> None:
    """Threads, children, files and memory are back; what ends by itself gets a while for it."""
    until = time.monotonic() + 30
    while True:
        gc.collect()
        gained = Here.now().gained(before)
        if not gained:
            return
        assert time.monotonic() < until, gained
        time.sleep(0.05)
