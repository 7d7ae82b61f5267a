# SPDX-License-Identifier: GPL-3.0-or-later
"""One Blender socket class per kind of thing that flows.

Sockets hold no value of their own.  They never enter a tree's ``interface``:
Blender 4.5 crashes on such a file when the extension is missing.
"""

from __future__ import annotations

from typing import TypeAlias

import bpy

from ..core.graph import GroupSocket
from ..core.kinds import KINDS
from ..core.node_type import Socket
from .marks import socket_name
from .names import LOST, kind_of, socket_idname

Colour: TypeAlias = tuple[float, float, float, float]  #: red, green, blue, alpha; 0 to 1
_LOST_COLOUR: Colour = (0.9, 0.1, 0.1, 1.0)
#: Bytes of a name Blender keeps in a socket on every version we support.
_KEPT = 60


class _Socket:
    """What all our sockets share.  ``whole_name``, ``told_label`` and ``multi`` are for groups."""

    colour = _LOST_COLOUR

    def draw(self, context, layout, node, text) -> None:
        """The name; an undeclared socket stands out."""
        layout.label(text=text, icon="ERROR" if kind_of(self.bl_idname) == LOST else "NONE")

    def draw_color(self, context, node) -> Colour:
        return self.colour

    @classmethod
    def draw_color_simple(cls) -> Colour:
        return cls.colour


def _make(kind: str, label: str, doc: str, colour: Colour) -> type:
    properties = {
        "whole_name": bpy.props.StringProperty(options={"HIDDEN"}),
        "told_label": bpy.props.StringProperty(options={"HIDDEN"}),
        "multi": bpy.props.BoolProperty(options={"HIDDEN"}),
    }
    body = {
        "bl_idname": socket_idname(kind),
        "bl_label": label,
        "__doc__": doc,
        "__annotations__": properties,
        "colour": colour,
    }
    return type(socket_idname(kind), (_Socket, bpy.types.NodeSocket), body)


CLASSES = (
    *(_make(kind.id, kind.label, kind.doc, kind.colour) for kind in KINDS.values()),
    _make(LOST, "Lost", "A socket its node no longer has", _LOST_COLOUR),
)


def add_socket(sockets, declared: Socket | GroupSocket, *, multi: bool) -> bpy.types.NodeSocket:
    """A new socket among a node's ``inputs`` or ``outputs``; ``multi`` for inputs alone."""
    title = declared.title if isinstance(declared, Socket) else title_of(declared)
    known = declared.kind if declared.kind in KINDS else LOST
    options = {"use_multi_input": True} if multi else {}
    socket = sockets.new(socket_idname(known), title, identifier=_kept(declared.name), **options)
    if socket.identifier != declared.name:
        socket.whole_name = declared.name
    if isinstance(declared, GroupSocket):
        if declared.label:
            socket.told_label = declared.label
        socket.multi = declared.multi
    return socket


def add_lost(sockets, name: str, *, multi: bool) -> bpy.types.NodeSocket:
    """A socket for links to a name the node does not declare: shown, never dropped."""
    return add_socket(sockets, GroupSocket(name=name, kind=LOST), multi=multi)


def group_socket(socket: bpy.types.NodeSocket) -> GroupSocket:
    """What a socket of a Group Input or Group Output node says about the group's interface."""
    return GroupSocket(
        name=socket_name(socket),
        kind=kind_of(socket.bl_idname),
        label=socket.told_label,
        multi=socket.multi,
    )


def title_of(socket: GroupSocket) -> str:
    """What people read beside a group's socket."""
    return socket.label or socket.name.replace("_", " ").capitalize()


def _kept(name: str) -> str:
    return name.encode()[:_KEPT].decode(errors="ignore")
