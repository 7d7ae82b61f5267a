# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's data belongs to Blender's own thread; here whoever touches it from another is caught.

Off unless it is asked for (``MOVIE_DIRECTOR_GUARD=on``, as the tests do, or Blender started with
``--debug-python``), for it looks at every call that another thread makes.  Caught is the use of
``bpy`` itself and of anything in this room, the only one that has objects of Blender's.
"""

from __future__ import annotations

import os
import threading
from types import FrameType, ModuleType
from typing import Any

import bpy

#: The environment variable that switches it on.
SWITCH = "MOVIE_DIRECTOR_GUARD"

_ROOM = __name__.rpartition(".")[0]
#: What was caught: the thread, and what it touched.
caught: list[str] = []


class OffMainThread(RuntimeError):
    """Blender was touched off its own thread: a bug of ours, which may crash Blender."""


class _Guarded(ModuleType):
    """``bpy``, as long as it is guarded."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__"):  # those are what importing asks for
            _check(f"bpy.{name}")
        return super().__getattribute__(name)


def wanted() -> bool:
    """Whether to be on guard here."""
    return os.environ.get(SWITCH) == "on" or bpy.app.debug_python


def register() -> None:
    """Be on guard, if it is wanted; threads that run already are seen only at ``bpy`` itself."""
    if wanted():
        bpy.__class__ = _Guarded
        threading.setprofile(_called)


def unregister() -> None:
    """Be so no longer."""
    if type(bpy) is _Guarded:
        bpy.__class__ = ModuleType
        threading.setprofile(None)


def _called(frame: FrameType, event: str, arg: object) -> None:
    """A thread other than the first called something."""
    del arg
    room = frame.f_globals.get("__name__", "")
    if event == "call" and room.startswith(_ROOM) and room != __name__:
        _check(f"{room}.{frame.f_code.co_name}")


def _check(what: str) -> None:
    if threading.current_thread() is not threading.main_thread():
        said = f"{what} was touched on the thread '{threading.current_thread().name}'"
        caught.append(said)
        raise OffMainThread(f"{said}. Hand it a message instead (core/worker.py).")
