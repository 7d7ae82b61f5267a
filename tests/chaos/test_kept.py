"""What an executor keeps of work that is over: nothing, however much it was and whatever befell it.

Counted are the objects of our own classes that live; a scripted server, which lives here too, has none.
"""

from __future__ import annotations

import gc
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.entry import Entry
from tests.chaos.lane import Lane, Operation
from tests.chaos.table import TABLE
from tests.chaos.test_all_executors import befalling

#: Operations before the first count, which fill what is filled once; and after it.
FIRST, MORE = 6, 18
#: A share of the suite as small as this one's have servers that take seconds for each operation.
SLOW_SHARE = 0.01


def ours() -> Counter[str]:
    """How many objects there are of each of our classes."""
    gc.collect()
    kinds = Counter(map(type, gc.get_objects()))
    return Counter({
        f"{kind.__module__}.{kind.__qualname__}": count
        for kind, count in kinds.items()
        if str(kind.__module__).startswith("movie_director.")
    })  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "entry", [each for each in TABLE if each.share > SLOW_SHARE], ids=lambda e: e.name
)
def test_what_is_kept_does_not_grow_with_the_work(entry: Entry, tmp_path: Path) -> None:
    if entry.missing():
        pytest.skip(entry.missing())
    lane, draw = Lane(entry, tmp_path / "lane"), random.Random(1)
    counts = []
    for first, count in ((1, FIRST), (1 + FIRST, MORE)):
        for number, fault in enumerate(befalling(entry, count, draw), first):
            lane.carry_out([Operation(number, fault)], number)
        entry.tidy(lane.server)
        counts.append(ours())
    grown = counts[1] - counts[0]
    assert {name: more for name, more in grown.items() if more > MORE // 3} == {}
    assert lane.close()
