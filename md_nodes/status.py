# SPDX-License-Identifier: GPL-3.0-or-later
"""What each node is doing right now, kept in Python and never in the file.

Keyed by the film's tree and the node's path in it, because Blender's own objects
die at every undo.  Whoever draws asks here; whoever runs a film tells it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Session id of the film's tree, path of the node in it.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """One node's last known state.  ``fraction`` counts all its steps, 0–1."""

    state: str = ""
    fraction: float = 0.0
    note: str = ""
    what: str = ""  #: what went wrong
    remedy: str = ""  #: what to do about it
    picture: Path | None = None  #: a picture or clip to show on the node
    files: tuple[Path, ...] = ()


_NOTHING = NodeStatus()
_known: dict[Key, NodeStatus] = {}
#: Counts changes, so that who draws can see whether there was one.
version = 0


def of(tree: int, path: str) -> NodeStatus:
    """What is known of a node; an empty status when nothing is."""
    return _known.get((tree, path), _NOTHING)


def put(tree: int, path: str, status: NodeStatus) -> None:
    """Say how a node is."""
    global version
    if _known.get((tree, path)) != status:
        _known[(tree, path)] = status
        version += 1


def all_of(tree: int) -> Mapping[str, NodeStatus]:
    """Every known status of one film, by path."""
    return {path: status for (id, path), status in _known.items() if id == tree}


def forget(tree: int, path: str = "") -> None:
    """Forget one node, or with no path the whole film."""
    global version
    for key in [key for key in _known if key[0] == tree and path in ("", key[1])]:
        del _known[key]
        version += 1


def clear() -> None:
    """Forget everything."""
    global version
    _known.clear()
    version += 1


def touch() -> None:
    """Something that no node shows changed: draw anew."""
    global version
    version += 1
