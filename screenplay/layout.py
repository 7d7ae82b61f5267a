# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nodes stand, so that a tree reads from left to right and nothing overlaps.

The one idea: a column for each role, a row for each shot.  Sizes are estimates in
Blender's node units, on the large side: what counts is that no two nodes touch.
Locations are top left corners, y upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, Node, group_sockets

__all__ = ["COLUMN_WIDTH", "height_of", "in_columns", "in_rows"]

#: Node units from one column's left edge to the next one's.
COLUMN_WIDTH: Final = 320.0
_GAP: Final = 50.0
_HEIGHTS: Final = {
    "project": 240.0,
    "script": 250.0,
    "style": 270.0,
    "voice": 220.0,
    "character": 270.0,
    "environment": 290.0,
    "shot": 520.0,
    "dialogue": 270.0,
    "sound_effect": 240.0,
    "music": 260.0,
    "sequence": 300.0,
    "output": 420.0,
    "backend": 220.0,
}
_SOCKET: Final = 24.0
_HEADER: Final = 90.0
#: A group shows a picture of what is inside, once there is one.
_PICTURE: Final = 170.0


def height_of(node: Node) -> float:
    """How tall a node is drawn, at most, in node units."""
    if node.type in (GROUP, GROUP_INPUT, GROUP_OUTPUT):
        ends = [child for child in node.nodes if child.type in (GROUP_INPUT, GROUP_OUTPUT)]
        sockets = sum(len(group_sockets(end)) for end in ends or [node])
        return _HEADER + _SOCKET * sockets + (_PICTURE if node.type == GROUP else 0.0)
    return _HEIGHTS.get(node.type, 300.0)


def _stack(nodes: Iterable[Node], x: float, top: float) -> list[Node]:
    """The nodes under each other from ``top`` downwards."""
    placed: list[Node] = []
    y = top
    for node in nodes:
        placed.append(replace(node, location=(x, float(y))))
        y -= height_of(node) + _GAP
    return placed


def _tall(nodes: Iterable[Node]) -> float:
    return sum(height_of(node) + _GAP for node in nodes)


def in_columns(columns: Sequence[Sequence[Node]]) -> tuple[Node, ...]:
    """The nodes, each column centred on the same line."""
    placed: list[Node] = []
    for at, column in enumerate(column for column in columns if column):
        placed += _stack(column, at * COLUMN_WIDTH, float(round(_tall(column) / 2)))
    return tuple(placed)


def in_rows(
    entry: Sequence[Node],
    rows: Sequence[tuple[Sequence[Node], Sequence[Node], Node]],
    leaving: Sequence[Sequence[Node]],
) -> tuple[Node, ...]:
    """A scene: what comes in, a row of lines, sounds and their shot for each shot, what goes out."""
    placed: list[Node] = []
    heights = [
        max(_tall(lines), _tall(sounds), height_of(shot) + _GAP) for lines, sounds, shot in rows
    ]
    y = top = float(round(sum(heights) / 2))
    placed += _stack(entry, 0.0, float(round(_tall(entry) / 2)))
    sounding = any(sounds for _, sounds, _ in rows)
    spoken = any(lines for lines, _, _ in rows)
    at_sound = COLUMN_WIDTH * (1 + spoken)
    at_shot = at_sound + COLUMN_WIDTH * sounding
    for (lines, sounds, shot), height in zip(rows, heights, strict=True):
        placed += _stack(lines, COLUMN_WIDTH, y)
        placed += _stack(sounds, at_sound, y)
        placed.append(replace(shot, location=(at_shot, float(y))))
        y -= float(round(height))
    for at, column in enumerate(leaving):
        x = at_shot + COLUMN_WIDTH * (at + 1)
        placed += _stack(column, x, min(top, float(round(_tall(column) / 2))))
    return tuple(placed)
