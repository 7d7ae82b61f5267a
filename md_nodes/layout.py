# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nodes lie when nobody has placed them: columns by role, read from left to right.

The widest role (the shots of a scene, the scenes of a film) is stacked first, in
film order; every other column lines up with what it is linked to.  Heights are
those Blender draws, with room for the picture a node will show.  Units are
Blender's node units, y upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..core.graph import FRAME, GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE, Link, Node
from ..screenplay.layout import height_of

#: Column of each type, from the left; what is not listed stands with the dialogue.
_COLUMNS = {
    GROUP_INPUT: 0, "voice": 0, "backend": 1, "style": 1, "environment": 1, "character": 1,
    "dialogue": 2, "sound_effect": 2, "shot": 3, GROUP: 3, "music": 4, "script": 5, "project": 5,
    "sequence": 5, "output": 6, GROUP_OUTPUT: 6,
}  # fmt: skip
_MIDDLE = 2
#: Space between columns and between nodes of one column.
_GAP_X, _GAP_Y = 90.0, 45.0
#: A taller main column is broken into several beside each other.
_COLUMN_NODES = 14
_WIDTH = 240.0

Place = tuple[float, float]
Height = Callable[[Node], float]


def placed(
    nodes: Sequence[Node], links: Sequence[Link], height: Height | None = None
) -> dict[str, Place]:
    """A place for every node: its own, or below what has one a place in a column.

    ``height`` gives a node's height; without it, what Blender is expected to draw.
    """
    found = {node.id: node.location for node in nodes if node.location is not None}
    loose = [node for node in nodes if node.location is None]
    if loose:
        top = min((y for _, y in found.values()), default=400.0) - 400.0
        found.update(arranged(loose, links, height or height_of, top=top))
    return found


@dataclass(slots=True)
class _Columns:
    """Nodes being arranged: members of each column, and the place found for each node."""

    members: dict[int, list[Node]]
    height: Height
    places: dict[str, Place]
    neighbours: Mapping[str, list[str]]

    def centre(self, id: str) -> float | None:
        """The middle of what ``id`` is linked to and already has a place, or None."""
        near = [
            self.places[other][1] for other in self.neighbours.get(id, ()) if other in self.places
        ]
        return sum(near) / len(near) if near else None


def arranged(
    nodes: Sequence[Node], links: Sequence[Link], height: Height, *, top: float = 0.0
) -> dict[str, Place]:
    """Places for these nodes, the highest at ``top``; frames take the place of their first node."""
    real = [node for node in nodes if node.type != FRAME]
    columns = _Columns(_members(real, links), height, {}, _neighbours(links))
    if columns.members:
        _stack_main(columns)
        _stack_others(columns)
    _shift(columns.places, top)
    for frame in nodes:
        if frame.type == FRAME:
            inside = [columns.places[n.id] for n in real if n.frame == frame.id]
            columns.places[frame.id] = inside[0] if inside else (0.0, top)
    return columns.places


def _members(nodes: Sequence[Node], links: Sequence[Link]) -> dict[int, list[Node]]:
    """Columns from left to right; a chain of sequences steps to the right."""
    column = {node.id: _COLUMNS.get(node.type, _MIDDLE) * 100 for node in nodes}
    by_id = {node.id: node for node in nodes}
    for _ in range(8):  # deeper chains of sequences share a column
        moved = False
        for link in links:
            source, target = by_id.get(link.source[0]), by_id.get(link.target[0])
            if source is None or target is None or source.type != "sequence" != target.type:
                continue
            if target.type == "sequence" and column[target.id] <= column[source.id]:
                column[target.id] = column[source.id] + 1
                moved = True
        if not moved:
            break
    found: dict[int, list[Node]] = {}
    for node in _film_order(nodes, links):
        place = column[node.id]
        if node.type == REROUTE:
            place = _MIDDLE * 100 + 1
        found.setdefault(place, []).append(node)
    return dict(sorted(found.items()))


def _film_order(nodes: Sequence[Node], links: Sequence[Link]) -> list[Node]:
    """Nodes in the order in which links name them, which for shots is the order of the film."""
    order = {link.source[0]: at for at, link in reversed(list(enumerate(links)))}
    place = {node.id: at for at, node in enumerate(nodes)}
    last = len(links)
    return sorted(nodes, key=lambda node: (order.get(node.id, last), place[node.id]))


def _neighbours(links: Sequence[Link]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links:
        found.setdefault(link.source[0], []).append(link.target[0])
        found.setdefault(link.target[0], []).append(link.source[0])
    return found


def _main(columns: _Columns) -> int:
    """The column that holds the film: shots or scenes, else the one with most nodes."""
    shots = _COLUMNS["shot"] * 100
    if shots in columns.members:
        return shots
    return max(columns.members, key=lambda place: len(columns.members[place]))


def _lanes(members: Sequence[Node]) -> list[Sequence[Node]]:
    """A long column broken into equal ones."""
    count = -(-len(members) // _COLUMN_NODES)
    size = -(-len(members) // count)
    return [members[at : at + size] for at in range(0, len(members), size)]


def _stack_main(columns: _Columns) -> None:
    main = _main(columns)
    for number, lane in enumerate(_lanes(columns.members[main])):
        y = 0.0
        for node in lane:
            columns.places[node.id] = (float(number), y)
            y -= _pitch(node, columns)
    _set_x(columns, main)


def _pitch(node: Node, columns: _Columns) -> float:
    """From one node's top to the next one's: at least what the lines beside it need."""
    beside = _COLUMNS["dialogue"] * 100
    near = set(columns.neighbours.get(node.id, ()))
    lines = [other for other in columns.members.get(beside, ()) if other.id in near]
    needed = sum(columns.height(line) + _GAP_Y for line in lines)
    return max(columns.height(node) + _GAP_Y, needed)


def _set_x(columns: _Columns, main: int) -> None:
    """Turn lane numbers into positions: the main column begins at 0."""
    for node in columns.members[main]:
        lane, y = columns.places[node.id]
        columns.places[node.id] = (lane * (_WIDTH + _GAP_X), y)


def _stack_others(columns: _Columns) -> None:
    main = _main(columns)
    lanes = len(_lanes(columns.members[main]))
    keys = list(columns.members)
    at = keys.index(main)
    step = _WIDTH + _GAP_X
    for distance, key in enumerate(reversed(keys[:at]), 1):
        _stack(columns, columns.members[key], -distance * step)
    for distance, key in enumerate(keys[at + 1 :]):
        _stack(columns, columns.members[key], (lanes + distance) * step)


def _stack(columns: _Columns, members: list[Node], x: float) -> None:
    """A column beside what it is linked to, in order, without overlaps."""
    wished = [(columns.centre(node.id), index, node) for index, node in enumerate(members)]
    known = [centre for centre, *_ in wished if centre is not None]
    middle = sum(known) / len(known) if known else 0.0
    order = sorted(
        wished, key=lambda wish: (-(wish[0] if wish[0] is not None else middle), wish[1])
    )
    ceiling = float("inf")
    drift = 0.0
    tops: list[float] = []
    for centre, _, node in order:
        want = centre if centre is not None else middle
        tops.append(min(want, ceiling))
        drift += want - tops[-1]
        ceiling = tops[-1] - columns.height(node) - _GAP_Y
    drift /= len(order)
    for (_, _, node), y in zip(order, tops, strict=True):
        columns.places[node.id] = (x, y + drift)


def _shift(places: dict[str, Place], top: float) -> None:
    """Move all so that the highest node lies at ``top``; whole units, as people place them."""
    if not places:
        return
    highest = max(y for _, y in places.values())
    for id, (x, y) in places.items():
        places[id] = (float(round(x)), float(round(y - highest + top)))
