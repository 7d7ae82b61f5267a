# SPDX-License-Identifier: GPL-3.0-or-later
"""What people change by hand is noticed here, and answered a moment later.

An editor that is drawn again is compared with how it was.  Where nodes or links
changed, a timer marks links that make no sense, gives copied nodes ids of their
own, and brings group nodes up to date.  Blender forgets marks on links at every
change, so the comparison includes them.
"""

from __future__ import annotations

import logging
import time

import bpy

from ..core.compile import Problem, problems
from ..core.errors import MovieDirectorError
from ..node_types import catalogue
from .interface import sync_users
from .marks import ids_of, settle, socket_name
from .names import NODE_ID
from .read import read_tree
from .where import editors, film_of, find, is_editable, space_of, tree_with

log = logging.getLogger(__name__)

#: Seconds after a change until it is looked at; less often while changes keep coming.
_SOON = 0.05

_seen: dict[int, tuple] = {}
_found: dict[int, dict[str, list[Problem]]] = {}
_trouble: dict[int, MovieDirectorError] = {}
_pending: set[tuple[int, int]] = set()
_handle: object | None = None


def problems_of(film: int, path: str) -> list[Problem]:
    """What is wrong with the links into one node."""
    return _found.get(film, {}).get(path, [])


def problems_in(film: int) -> list[Problem]:
    """Everything wrong with a film's links."""
    return [problem for group in _found.get(film, {}).values() for problem in group]


def trouble_with(film: int) -> MovieDirectorError | None:
    """Why a film could not be read at all, or None."""
    return _trouble.get(film)


def _drawn() -> None:
    """An editor was drawn: Blender calls this for each."""
    space = space_of(bpy.context)
    if space is None:
        return
    tree, film = space.edit_tree, film_of(space)
    if _seen.get(tree.session_uid) == _print(tree):
        return
    _pending.add((film.session_uid, tree.session_uid))
    if not bpy.app.timers.is_registered(_answer):
        bpy.app.timers.register(_answer, first_interval=_SOON, persistent=True)


def _print(tree: bpy.types.NodeTree) -> tuple:
    """Differs whenever anything we care about does."""
    links = tuple(
        (k.from_node.name, k.from_socket.identifier, k.to_node.name, k.to_socket.identifier,
         k.is_muted, k.is_valid)
        for k in tree.links
    )  # fmt: skip
    nodes = tuple(
        (n.name, getattr(n, NODE_ID), n.mute, len(n.inputs), len(n.outputs)) for n in tree.nodes
    )
    return links, nodes


def _answer() -> None:
    """Look at what changed; nothing is held between the drawing and now."""
    pending = sorted(_pending)
    _pending.clear()
    began = time.perf_counter()
    for film_id, tree_id in pending:
        film, tree = tree_with(film_id), tree_with(tree_id)
        if film is None or tree is None:
            continue
        if is_editable(tree):
            settle(tree)
            sync_users(tree)
            if tree.unseen:
                _show_all(tree)
        check(film)
        mark(film)
        _seen[tree_id] = _print(tree)
        _redraw(film_id)
    log.debug("looked at %d trees in %.3f s", len(pending), time.perf_counter() - began)


def check(film: bpy.types.NodeTree) -> None:
    """Find out anew what is wrong with a film's links."""
    uid = film.session_uid
    _trouble.pop(uid, None)
    _found[uid] = {}
    try:
        found = problems(read_tree(film), catalogue())
    except MovieDirectorError as error:
        _trouble[uid] = error
        return
    for problem in found:
        _found[uid].setdefault(problem.target[0], []).append(problem)


def mark(film: bpy.types.NodeTree) -> None:
    """Draw links that make no sense in red."""
    for problem in problems_in(film.session_uid):
        place = find(film, problem.target[0])
        if place is None:
            continue
        tree, node = place
        source = problem.source[0].rpartition("/")[2]
        ids = ids_of(tree)
        into = [
            link
            for link in tree.links
            if link.to_node == node and socket_name(link.to_socket) == problem.target[1]
        ]
        direct = [link for link in into if ids[link.from_node.name] == source]
        for link in direct or into:
            if link.is_valid:
                link.is_valid = False


def _show_all(tree: bpy.types.NodeTree) -> None:
    """A tree nobody has seen yet is shown whole beside our sidebar, the sequencer too."""
    tree.unseen = False
    for window, area, space in editors():
        if space.edit_tree != tree:
            continue
        region = next(region for region in area.regions if region.type == "WINDOW")
        sidebar = next((region for region in area.regions if region.type == "UI"), None)
        with bpy.context.temp_override(window=window, area=area, region=region):
            bpy.ops.node.view_all()
            if sidebar is not None and space.show_region_ui:
                sidebar.active_panel_category = "Director"
                bpy.ops.view2d.zoom_out()
                bpy.ops.view2d.pan(deltax=sidebar.width // 2, deltay=0)


def _redraw(film: int) -> None:
    for _, area, space in editors():
        if film_of(space).session_uid == film:
            area.tag_redraw()


def forget() -> None:
    """Another file was opened: nothing known is about it."""
    for known in (_seen, _found, _trouble, _pending):
        known.clear()


def register() -> None:
    """Begin to watch."""
    global _handle
    _handle = bpy.types.SpaceNodeEditor.draw_handler_add(_drawn, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Watch no longer."""
    global _handle
    if _handle is not None:
        bpy.types.SpaceNodeEditor.draw_handler_remove(_handle, "WINDOW")
        _handle = None
    if bpy.app.timers.is_registered(_answer):
        bpy.app.timers.unregister(_answer)
    forget()
