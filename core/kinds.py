# SPDX-License-Identifier: GPL-3.0-or-later
"""What can flow along a link: the socket kinds, in one table.

A link is good when the target socket accepts the source's kind.  By default a
socket accepts its own kind only; a socket that takes more says so in its
declaration (``Socket.accepts``).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "SocketKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketKind:
    """A kind of thing that flows.  ``colour`` is linear RGBA, each 0–1, as Blender draws sockets."""

    id: str
    label: str
    doc: str
    colour: tuple[float, float, float, float]


def _kind(id: str, label: str, colour: tuple[float, float, float], doc: str) -> SocketKind:
    return SocketKind(id=id, label=label, doc=doc, colour=(*colour, 1.0))


#: Every socket kind by id.  An id is written into users' files: it may never change.
KINDS: dict[str, SocketKind] = {
    kind.id: kind
    for kind in (
        _kind("project", "Project", (0.55, 0.55, 0.60), "What holds for the whole film."),
        _kind("script", "Script", (0.85, 0.80, 0.62), "A screenplay."),
        _kind("character", "Character", (0.92, 0.55, 0.24), "Somebody in the film."),
        _kind("style", "Style", (0.66, 0.38, 0.85), "How the film looks."),
        _kind("environment", "Environment", (0.32, 0.68, 0.36), "Where it happens."),
        _kind("voice", "Voice", (0.90, 0.78, 0.25), "How somebody sounds."),
        _kind("dialogue", "Dialogue", (0.95, 0.64, 0.52), "One spoken line."),
        _kind("sound", "Sound", (0.30, 0.74, 0.72), "A sound effect."),
        _kind("music", "Music", (0.20, 0.55, 0.82), "A piece of music."),
        _kind("image", "Image", (0.78, 0.70, 0.20), "One picture."),
        _kind("shot", "Shot", (0.25, 0.45, 0.90), "One shot."),
        _kind("backend", "Backend", (0.45, 0.45, 0.45), "Where work may run."),
        _kind("sequence", "Sequence", (0.88, 0.30, 0.42), "Shots in order: a scene or a film."),
    )
}
