"""Every executor's work on services that do everything wrong: nothing lost, foreign or untold.

Each operation gets one fault from a seed.  ``MOVIE_DIRECTOR_CHAOS`` is how many operations there are
in all (``make chaos``: ten thousand), ``MOVIE_DIRECTOR_CHAOS_SEED`` chooses others, and
``MOVIE_DIRECTOR_CHAOS_ONLY`` is a part of the name of the kinds of service that are wanted.
"""

from __future__ import annotations

import ctypes
import gc
import math
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
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
#: Bytes that this process may have grown by when all is closed: modules, and what pieces the allocator keeps.
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
    monkeypatch.setattr(desk, "GATHER_S", 0.05)
    monkeypatch.setattr(ace_step, "POLL_S", 0.01)
    monkeypatch.setattr(bearing, "AGAIN_S", 0.02)
    monkeypatch.setattr(errand, "_PAUSES", (0.01, 0.02))
    monkeypatch.setattr(gradio_served, "POLL_S", 0.02)
    monkeypatch.setattr(gradio_served, "_SUPPOSED_S", 0.5)


def shares(shown: list[str]) -> dict[str, int]:
    """How many operations each entry does that can be tried here; at least as many as it says."""
    long = OPERATIONS >= LONG
    wanted = [entry for entry in TABLE if ONLY in entry.name and (long or not entry.long)]
    here = [entry for entry in wanted if not entry.missing()]
    shown += [f"left out: {each.name}: {each.missing()}" for each in wanted if each not in here]
    whole = sum(entry.share for entry in here)
    return {
        entry.name: max(entry.least, math.ceil(OPERATIONS * entry.share / whole)) for entry in here
    }


def operations(entry: Entry, count: int, draw: random.Random) -> list[Operation]:
    """What an entry does; each kind of fault comes before any comes again."""
    weights = [fault.weight for fault in entry.faults]
    chosen = draw.sample(entry.faults, min(len(entry.faults), count))
    chosen += draw.choices(entry.faults, weights, k=count - len(chosen))
    return [Operation(number, fault) for number, fault in enumerate(chosen, 1)]


def carry_out(lane: Lane, count: int, broken: list[BaseException]) -> None:
    """All that an entry does, in rounds of what its service is given at once."""
    draw, began = random.Random(f"{SEED}/{lane.entry.name}"), time.monotonic()
    todo = operations(lane.entry, count, draw)
    try:
        while todo:
            some = draw.randint(1, lane.at_once)
            round, todo = todo[:some], todo[some:]
            for each in round:
                each.fault = round[0].fault
            lane.carry_out(round, draw.randrange(2**32))
            if len(lane.operations) // 20 > (len(lane.operations) - some) // 20:
                lane.entry.tidy(lane.server)
    except BaseException as error:
        error.add_note(f"in {lane.entry.name}, {lane.operations[-1:]}")
        broken.append(error)
    lane.seconds = time.monotonic() - began


def test_every_executor_is_in_the_table_or_has_a_reason_not_to_be() -> None:
    folder = Path(following.__file__).parent.parent
    there = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    listed = {entry.executor for entry in TABLE}
    assert there - listed - set(WITHOUT) == set(), "add it to tests/chaos/table.py"
    assert set(WITHOUT) <= there
    assert not set(WITHOUT) & listed
    assert all(entry.exactly_once or entry.bound for entry in TABLE)
    assert len({entry.name for entry in TABLE}) == len(TABLE)


@pytest.mark.timeout(600 + OPERATIONS)
@pytest.mark.usefixtures("quick")
def test_nothing_is_lost_foreign_or_made_twice_whatever_breaks(
    tmp_path: Path, shown: list[str]
) -> None:
    before = Here.now()
    broken: list[BaseException] = []
    counts = shares(shown)
    lanes: list[Lane] = []
    threads: list[threading.Thread] = []
    try:
        threads += begun(counts, tmp_path, lanes, broken)
    finally:
        for thread in threads:
            thread.join()
        closed = [lane.close() for lane in lanes]
    figures = [judged(lane) for lane in lanes]
    shown += [f"seed {SEED}", *table_of(figures)]
    assert not broken, broken
    assert all(closed), "a worker did not end"
    wrong = [said for each in figures for said in each.wrong]
    assert not wrong, "\n".join(wrong)
    assert {each.entry.name: each.operations for each in figures} == counts
    # What the servers noted of every operation, and kept of every file, is theirs: it goes with them.
    lanes.clear()
    figures.clear()
    shown.append(nothing_left(before))


def begun(
    counts: dict[str, int], root: Path, lanes: list[Lane], broken: list[BaseException]
) -> Iterator[threading.Thread]:
    """The threads of the entries that are tried, under way."""
    for entry in TABLE:
        if entry.name in counts:
            lane = Lane(entry, root / entry.name.replace(", ", "_").replace(" ", "_"))
            lanes.append(lane)
            thread = threading.Thread(target=carry_out, args=(lane, counts[entry.name], broken))
            thread.start()
            yield thread


def give_back() -> None:
    """Have the allocator return what is free to the system, where it can be asked to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def nothing_left(before: Here) -> str:
    """Threads, children, files and memory are back; what ends by itself gets a while for it."""
    until = time.monotonic() + 30
    while True:
        gc.collect()
        give_back()
        now = Here.now()
        gained = now.gained(before)
        if not gained:
            grown = (now.bytes - before.bytes) / 2**20
            return (
                f"left: {len(now.threads) - len(before.threads)} threads,"
                f" {len(now.children) - len(before.children)} child processes,"
                f" {now.files - before.files} open files, {grown:+.0f} MiB of memory"
            )
        assert time.monotonic() < until, gained
        time.sleep(0.05)
