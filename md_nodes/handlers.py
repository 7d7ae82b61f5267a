# SPDX-License-Identifier: GPL-3.0-or-later
"""What must happen when Blender opens another file: runs end, trees are settled."""

from __future__ import annotations

import logging

import bpy
from bpy.app.handlers import persistent

from ..core.errors import MovieDirectorError
from . import keepsake, session, status, watch
from .factory import refresh_sockets
from .marks import our_trees, settle
from .session import prepare
from .tree import quiet
from .where import films_in_file, is_editable, tree_with

log = logging.getLogger(__name__)

#: Seconds after opening a file until its results are looked for.
_LATER_S = 0.5


@persistent
def _before_load(*_) -> None:
    session.detach()
    status.clear()
    watch.forget()


@persistent
def _before_save(*_) -> None:
    keepsake.store()


@persistent
def _after_load(*_) -> None:
    refresh()
    if not bpy.app.background and not bpy.app.timers.is_registered(look_at_results):
        bpy.app.timers.register(look_at_results, first_interval=_LATER_S)


def refresh() -> None:
    """Bring every tree of the file up to date with the node types we have."""
    keepsake.restore()
    with quiet():
        for tree in our_trees():
            if is_editable(tree):
                settle(tree)
                for node in tree.nodes:
                    refresh_sockets(node)


def look_at_results() -> None:
    """Show on the nodes what earlier runs made, where a film has results."""
    uids = [tree.session_uid for tree in films_in_file() if tree.library is None]
    for uid in uids:
        tree = tree_with(uid)
        if tree is None or session.of(uid) is not None:
            continue
        try:
            if session.has_results(tree):
                prepare(tree)
        except MovieDirectorError as error:
            log.info("%s: %s", tree.name, error)


_ALL = (("load_pre", _before_load), ("load_post", _after_load), ("save_pre", _before_save))


def register() -> None:
    """Listen."""
    for name, handler in _ALL:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Listen no longer."""
    for name, handler in _ALL:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)
    if bpy.app.timers.is_registered(look_at_results):
        bpy.app.timers.unregister(look_at_results)
