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
from movie_director import executors

from tests.chaos.entry import Entry, Fault
from tests.chaos.judge import Figures, judge, settle, table_of
from tests.chaos.lane import Lane, Operation
from tests.chaos.table import TABLE, WITHOUT

OPERATIONS = int(os.environ.get("MOVIE_DIRECTOR_CHAOS", "150"))
SEED = int(os.environ.get("MOVIE_DIRECTOR_CHAOS_SEED", "1"))
ONLY = os.environ.get("MOVIE_DIRECTOR_CHAOS_ONLY", "")
#: From so many operations on, also what takes long to start is tried.
LONG = 1000
#: After so many operations a server drops what it noted of work that is over.
TIDY = 20
#: Bytes that this process may have grown by when all is closed: modules, and what pieces the allocator keeps.
MOST_GROWTH = 150 * 2**20
#: Pieces of memory that Python may have more: 39,000 are modules, whatever the number of operations.
MOST_PIECES = 60_000
#: From how many bytes on a piece of memory comes from the system and goes back to it.  The GNU C
#: library would raise it with each larger piece that is freed, and keep what passed through once.
LARGE = 128 * 2**10
_M_MMAP_THRESHOLD = -3  # <malloc.h>


@dataclass
class Here:
    """What this process holds: threads, children, open files, memory, pieces of Python's memory."""

    threads: set[int | None] = field(default_factory=set)
    children: set[int] = field(default_factory=set)
    files: int = 0
    bytes: int = 0
    pieces: int = 0

    @classmethod
    def now(cls) -> Here:
        me = psutil.Process()
        return cls(
            {thread.ident for thread in threading.enumerate()},
            {child.pid for child in me.children(recursive=True)},
            me.num_fds() if hasattr(me, "num_fds") else 0,
            me.memory_info().rss,
            sys.getallocatedblocks(),
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
        if self.pieces > before.pieces + MOST_PIECES:
            said.append(f"{self.pieces - before.pieces} pieces of memory")
        return said


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


def befalling(entry: Entry, count: int, draw: random.Random) -> list[Fault]:
    """What befalls the operations of an entry; each kind of fault comes before any comes again."""
    weights = [fault.weight for fault in entry.faults]
    chosen = draw.sample(entry.faults, min(len(entry.faults), count))
    return chosen + draw.choices(entry.faults, weights, k=count - len(chosen))


def carry_out(lane: Lane, figures: Figures, count: int, broken: list[BaseException]) -> None:
    """All that an entry does, in rounds of what its service is given at once."""
    draw, began = random.Random(f"{SEED}/{lane.entry.name}"), time.monotonic()
    faults, done = befalling(lane.entry, count, draw), 0
    try:
        while done < count:
            some = min(draw.randint(1, lane.at_once), count - done)
            round = [Operation(done + each, faults[done]) for each in range(1, some + 1)]
            lane.carry_out(round, draw.randrange(2**32))
            for each in round:
                settle(figures, each)
            if (done + some) // TIDY > done // TIDY:
                lane.entry.tidy(lane.server)
            done += some
    except BaseException as error:
        error.add_note(f"in {lane.entry.name}, after {done} operations")
        broken.append(error)
    lane.seconds = time.monotonic() - began


def test_every_executor_is_in_the_table_or_has_a_reason_not_to_be() -> None:
    folder = Path(executors.__file__).parent
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
    ask_allocator("mallopt", _M_MMAP_THRESHOLD, LARGE)
    before = Here.now()
    broken: list[BaseException] = []
    counts = shares(shown)
    lanes: list[Lane] = []
    figures: list[Figures] = []
    threads: list[threading.Thread] = []
    try:
        threads += begun(counts, tmp_path, lanes, figures, broken)
    finally:
        for thread in threads:
            thread.join()
        closed = [lane.close() for lane in lanes]
    for each, lane in zip(figures, lanes, strict=True):
        judge(each, lane)
    shown += [f"seed {SEED}", *table_of(figures)]
    assert not broken, broken
    assert all(closed), "a worker did not end"
    wrong = [said for each in figures for said in each.wrong]
    assert not wrong, "\n".join(wrong)
    assert {each.entry.name: each.operations for each in figures} == counts
    # What the servers noted of every operation, and kept of every file, is theirs: it goes with them.
    del each, lane
    lanes.clear()
    figures.clear()
    shown.append(nothing_left(before))


def begun(
    counts: dict[str, int],
    root: Path,
    lanes: list[Lane],
    figures: list[Figures],
    broken: list[BaseException],
) -> Iterator[threading.Thread]:
    """The threads of the entries that are tried, under way."""
    for entry in TABLE:
        if entry.name in counts:
            lane = Lane(entry, root / entry.name.replace(", ", "_").replace(" ", "_"))
            lanes.append(lane)
            figures.append(Figures(entry=entry))
            thread = threading.Thread(
                target=carry_out, args=(lane, figures[-1], counts[entry.name], broken)
            )
            thread.start()
            yield thread


def ask_allocator(name: str, *what: int) -> None:
    """Have the GNU C library's allocator do something, where that is what is used."""
    does = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if does is not None:
        does(*what)


def nothing_left(before: Here) -> str:
    """Threads, children, files and memory are back; what ends by itself gets a while for it."""
    until = time.monotonic() + 30
    while True:
        gc.collect()
        ask_allocator("malloc_trim", 0)
        now = Here.now()
        gained = now.gained(before)
        if not gained:
            grown = (now.bytes - before.bytes) / 2**20
            return (
                f"left: {len(now.threads) - len(before.threads)} threads,"
                f" {len(now.children) - len(before.children)} child processes,"
                f" {now.files - before.files} open files, {grown:+.0f} MiB of memory,"
                f" {now.pieces - before.pieces:+,} pieces of Python's"
            )
        assert time.monotonic() < until, gained
        time.sleep(0.05)
