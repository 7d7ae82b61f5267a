# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything Blender is told about us, and its taking back.

What was registered is remembered in order and taken back in reverse, so that an
error half-way leaves nothing behind.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable

import bpy

from . import (
    abilities,
    command,
    doctor,
    editing,
    evaluate,
    factory,
    failures,
    films,
    guard,
    handlers,
    lists,
    making,
    marks,
    menus,
    panels,
    pictures,
    preferences,
    properties,
    pump,
    services,
    session,
    sockets,
    sounds,
    tokens,
    tree,
    watch,
)

_undo: list[Callable[[], None]] = []


def is_registered() -> bool:
    """Whether Blender knows our classes now."""
    return bool(_undo)


def register() -> None:
    """Make everything known to Blender; a second call changes nothing."""
    if _undo:
        return
    try:
        _both(guard.register, guard.unregister)
        _register_data()
        _register_editor()
    except BaseException:
        unregister()
        raise
    atexit.register(_at_exit())


def _at_exit() -> Callable[[], None]:
    """What must not be left undone when Python ends.

    As a module, Blender crashes or hangs while node classes are registered.  As a
    program it has taken its own classes down by then, but helper processes must end.
    """
    return unregister if getattr(bpy.app, "module", False) else session.close


def unregister() -> None:
    """Take everything back, in reverse order."""
    atexit.unregister(_at_exit())
    while _undo:
        _undo.pop()()


def _register_data() -> None:
    _both(marks.register, marks.unregister)
    for cls in (*properties.CLASSES, *tree.CLASSES, *sockets.CLASSES, *factory.node_classes()):
        _class(cls)


def _register_editor() -> None:
    """What people see and press; runs end first when it is taken back."""
    rooms = (
        preferences, lists, evaluate, editing, films, menus, panels, making, failures, sounds,
        services, tokens, abilities, doctor,
    )  # fmt: skip
    for cls in (cls for room in rooms for cls in room.CLASSES):
        _class(cls)
    for room in (
        pictures,
        menus,
        panels,
        sounds,
        services,
        tokens,
        abilities,
        watch,
        handlers,
        command,
        pump,
    ):
        _both(room.register, room.unregister)


def _class(cls: type) -> None:
    bpy.utils.register_class(cls)
    _undo.append(lambda: bpy.utils.unregister_class(cls))


def _both(do: Callable[[], None], undo: Callable[[], None]) -> None:
    do()
    _undo.append(undo)
