# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots, lines and scenes that a new draft has in another order.

The one idea: only what both drafts have can be out of order; what is new was put in its
place when it was added, and what was added by hand keeps to the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.graph import Link
from .changes import Change, Step

__all__ = ["group_of", "reordered"]


def group_of(path: str) -> str:
    """The path of the group that ``path`` lies in, "" at the top."""
    return path.rpartition("/")[0]


def reordered(
    item: str, target: str, socket: str, out: str, now: Sequence[str], wanted: Sequence[str]
) -> Iterator[Change]:
    """The change that links ids ``wanted`` into ``target`` in that order.

    ``now`` are the paths linked so far, in theirs; nothing is offered while those that are
    in both agree.
    """
    ids = [path.rpartition("/")[2] for path in now]
    known, kept = set(ids), set(wanted)
    if [id for id in ids if id in kept] == [id for id in wanted if id in known]:
        return
    scope, _, id = target.rpartition("/")
    steps: list[Step] = []
    before = ""
    for source in wanted:
        link = Link(source=(source, out), target=(id, socket))
        steps.append(Step(what="unlink", path=scope, link=link))
        steps.append(Step(what="link", path=scope, link=link, after=before))
        before = source
    yield Change(
        kind="changed",
        item=item,
        path=target,
        before=", ".join(ids),
        after=", ".join(wanted),
        sentence=f"The {item}s in '{target}' come in another order.",
        steps=tuple(steps),
    )
