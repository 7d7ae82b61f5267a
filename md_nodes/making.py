# SPDX-License-Identifier: GPL-3.0-or-later
"""Who makes a node's work and why: on the node in a few words, in the sidebar in full.

A Backend has no work of its own: it shows who makes that of the nodes it is linked to.  All that
is said comes from the plan, the run and the sidecars (``core.making``, ``core.outlook``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

import bpy

from ..core.explain import duration_words
from ..core.making import Making, alike
from ..core.outlook import Outlook
from ..core.state import SETTLED
from ..core.step import NodeId, StepId
from . import session
from .evaluate import film_and_active
from .looks import draw_error, letters
from .sidebar import NodePanel
from .where import film_of, path_in, space_of

#: Node units the sidebar is wide; most steps that are told of one node; ways told on a node.
_WIDTH, _MOST, _WAYS = 250.0, 8, 2
_DONE = frozenset({"cooked", "cached"})


def steps_for(found: session.Session, path: str) -> list[StepId]:
    """The steps of a node; of a Backend, those of the nodes it speaks for."""
    by_node = found.board.by_node
    nodes = [path] if path in by_node else found.backed.get(NodeId(path), ())
    return list(dict.fromkeys(id for node in nodes for id in by_node.get(node, ())))


def draw_on_node(node: bpy.types.Node, context, layout) -> None:
    """Who makes it, why, and who was passed over: where that does not go without saying."""
    space = space_of(context)
    found = session.of(film_of(space).session_uid) if space is not None else None
    if found is None:
        return
    steps = steps_for(found, path_in(space, node))
    draw_ways(layout, [found.making[id] for id in steps if id in found.making], node.width)


def draw_ways(layout, makings: Iterable[Making], width: float) -> None:
    """The ways in which steps are made, in grey, the first few; what goes without saying is left."""
    column = layout.column(align=True)
    column.active = False
    column.scale_y = 0.85
    for making, count in alike(each for each in makings if each.told)[:_WAYS]:
        by = making.by if count == 1 else f"{count} × {making.by}"
        _draw_lines(column, [by], letters(width), "SYSTEM")
        _draw_lines(column, _why(making), letters(width))


def _why(making: Making) -> Iterator[str]:
    """A clause a line, as sentences that stand alone."""
    for clause in filter(None, (making.chosen, *making.passed_over)):
        # "fp8" and "wan2gp" are names.
        yield clause[0].upper() + clause[1:] if clause.split()[0].isalpha() else clause


def _draw_lines(layout, lines, room: int, icon: str = "BLANK1") -> None:
    for line in lines:
        for part in textwrap.wrap(line, room):
            layout.label(text=part, icon=icon)
            icon = "BLANK1"


class MOVIE_DIRECTOR_PT_made_by(NodePanel, bpy.types.Panel):
    """Who makes the active node's work, with what, why, and how long it takes"""

    bl_label = "Made By"
    bl_order = 3

    @classmethod
    def says(cls, context) -> bool:
        film, path = film_and_active(context)
        found = session.of(film)
        return found is not None and bool(steps_for(found, path))

    def draw(self, context) -> None:
        film, path = film_and_active(context)
        draw_made_by(self.layout, session.of(film), path)


def draw_made_by(layout, found: session.Session, path: str) -> None:
    """Each step of a node: who makes it, why, how long it takes, what it waits for."""
    steps = steps_for(found, path)
    for id in steps[:_MOST]:
        _draw_step(layout.box(), found, id)
    if len(steps) > _MOST:
        layout.label(text=f"and {len(steps) - _MOST} more")


def _draw_step(box, found: session.Session, id: StepId) -> None:
    view, step = found.board.steps[id], found.plan.steps[id]
    column = box.column(align=True)
    column.scale_y = 0.85
    room = letters(_WIDTH)
    column.label(text=textwrap.shorten(step.label, room, placeholder="…"))
    if view.state in _DONE and view.artifact is not None:
        making = found.made(view.artifact)
        _draw_making(column, making, room)
        if making.took_s:
            column.label(text=f"Took {duration_words(making.took_s)}", icon="TIME")
    elif id in found.making:
        _draw_making(column, found.making[id], room)
        ahead = found.outlook(id) if view.state not in SETTLED else Outlook()
        if ahead.left_s:
            column.label(text=f"About {duration_words(ahead.left_s)} to go", icon="TIME")
        if ahead.waits_for:
            _draw_lines(column, [f"Waits for {ahead.waits_for}"], room, "SORTTIME")
    if view.error is not None and id not in found.failures:  # those are told in full below
        draw_error(column, view.error.what, view.error.remedy, _WIDTH)


def _draw_making(column, making: Making, room: int) -> None:
    names = ((making.service, "SYSTEM"), (making.address, "BLANK1"))
    for text, icon in names:
        if text:
            column.label(text=text, icon=icon)
    how = [part for part in (making.workflow, making.precision) if part]
    _draw_lines(column, [", ".join(how)] if how else [], room)
    _draw_lines(column, _why(making), room)


CLASSES = (MOVIE_DIRECTOR_PT_made_by,)
