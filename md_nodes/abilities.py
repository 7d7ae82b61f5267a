# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be made with the services there are: a panel, and nodes that are grey where it cannot.

A node that needs what nobody does now is drawn grey with the reason; it can still be edited, and
the film is still made, more simply.  A film of draft quality asks for no more than sketches, so
there only what was here and went away counts, and what no sketch can stand in for.
"""

from __future__ import annotations

import textwrap

import bpy

from ..core.abilities import Able, abilities_of
from ..core.worker_watch import Seen
from ..node_types import catalogue
from . import services
from .marks import socket_name
from .names import node_idname, node_type_of
from .sidebar import SidebarPanel
from .values import Params
from .where import editors, film_of

_LETTERS = 27  #: of a line in the sidebar

#: Films that ask for more than sketches, by session id; looked at once a beat.
_ambitious: set[int] = set()
_shown: tuple[Seen | None, dict[str, Able]] = (None, {})


def tick() -> None:
    """Look at what the films that are shown ask for."""
    _ambitious.clear()
    project = node_idname("project")
    for _, _, space in editors():
        film = film_of(space)
        if any(
            node.bl_idname == project and not node.mute and node.p_quality != "draft"
            for node in film.nodes
        ):
            _ambitious.add(film.session_uid)


def able() -> dict[str, Able]:
    """How each ability stands, by its id."""
    global _shown
    seen = services.seen()
    if _shown[0] is None or _shown[0].places is not seen.places:
        _shown = (seen, {each.ability.id: each for each in abilities_of(seen.places.values())})
    return _shown[1]


def lacking(node: bpy.types.Node, film: int) -> str:
    """Why a node is not made as it asks to be, as far as services go; "" where it is."""
    named = _backend(node)
    if named == "animatic":
        return ""
    if why := services.lacking(named):
        return f"{_title(named)} {why.lower()}"
    declared = catalogue().get(node_type_of(node.bl_idname))
    needs = declared.needs(Params(node, declared)) if declared is not None else ()
    for kind in needs:
        found = next(each for each in able().values() if kind in each.ability.kinds)
        enough = found.ability.drafted and not found.down and film not in _ambitious
        if found.why and not enough:
            return f"{found.ability.title} {found.ability.without}: {found.why}"
    return ""


def _backend(node: bpy.types.Node) -> str:
    """The service that a Backend beside the node names; of a Backend, its own."""
    backend = node_idname("backend")
    if node.bl_idname == backend:
        return node.p_service
    socket = next((each for each in node.inputs if socket_name(each) == "backend"), None)
    links = socket.links if socket is not None else ()
    found = next((link.from_node for link in links if link.from_node.bl_idname == backend), None)
    return found.p_service if found is not None else "auto"


def _title(service: str) -> str:
    choices = catalogue()["backend"].by_name["service"].choices
    return dict(choices).get(service, service)


class MOVIE_DIRECTOR_PT_abilities(SidebarPanel, bpy.types.Panel):
    """What can be made with the services that are ready."""

    bl_label = "Capabilities"
    bl_order = 6

    def draw(self, context) -> None:
        draw_abilities(self.layout)


def draw_abilities(layout) -> None:
    """One line for each: who does it; grey, with what becomes of it, where nobody does."""
    column = layout.column(align=True)
    column.scale_y = 0.85
    for each in able().values():
        row = column.row(align=True)
        row.active = not each.why
        row.label(text=each.ability.title, icon="UNLINKED" if each.why else "CHECKMARK")
        row.label(text=each.ability.without if each.why else ", ".join(each.makers))
        _draw_reason(column, each.down)
    if any(each.why and not each.down for each in able().values()):
        _draw_reason(column, "For what is grey no service is here.")


def _draw_reason(column, why: str) -> None:
    for line in textwrap.wrap(why, _LETTERS)[:3]:
        row = column.row()
        row.active = False
        row.label(text=line, icon="BLANK1")


CLASSES = (MOVIE_DIRECTOR_PT_abilities,)


def register() -> None:
    """Nothing but the classes."""


def unregister() -> None:
    """What was seen is forgotten."""
    global _shown
    _ambitious.clear()
    _shown = (None, {})
