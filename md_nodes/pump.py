# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeat: a timer that moves runs on and has editors drawn anew.

Blender's own thread does all of it, at most eight milliseconds at a time.  Editors
are drawn again only when something they show changed, at most five times a second.
"""

from __future__ import annotations

import time

import bpy

from . import abilities, services, session, status, tokens
from .where import editors, film_of

#: Seconds: between beats while something runs and otherwise, for one beat, between drawings.
_BUSY_S, _IDLE_S, _BUDGET_S, _DRAW_S = 0.05, 0.5, 0.008, 0.2

_drawn_version = -1
_drawn_at = 0.0


def beat() -> float:
    """One beat; how many seconds until the next."""
    services.tick()
    tokens.tick()
    abilities.tick()
    session.tick(_BUDGET_S)
    _draw()
    return _BUSY_S if session.busy() else _IDLE_S


def wake() -> None:
    """Beat at once: something was started."""
    if bpy.app.timers.is_registered(beat):
        bpy.app.timers.unregister(beat)
    bpy.app.timers.register(beat, first_interval=0.0, persistent=True)


def run_to_end(film: int, timeout_s: float = 3600.0) -> None:
    """Do the same without a window, until the film's session is idle."""
    deadline = time.monotonic() + timeout_s
    while (found := session.of(film)) is not None and found.busy and time.monotonic() < deadline:
        if found.run is not None:
            found.run.wait(0.05)
        session.tick(1.0)


def _draw() -> None:
    """Have editors that show our films drawn, when there is something new to see."""
    global _drawn_version, _drawn_at
    now = time.monotonic()
    if status.version == _drawn_version or now - _drawn_at < _DRAW_S:
        return
    _drawn_version, _drawn_at = status.version, now
    for _, area, space in editors():
        if session.of(film_of(space).session_uid) is not None:
            area.tag_redraw()


def register() -> None:
    """Begin to beat; opening another file does not stop it."""
    bpy.app.timers.register(beat, first_interval=_IDLE_S, persistent=True)


def unregister() -> None:
    """Stop, and end what runs."""
    if bpy.app.timers.is_registered(beat):
        bpy.app.timers.unregister(beat)
    session.close()
