# SPDX-License-Identifier: GPL-3.0-or-later
"""What our things are called inside a .blend.

Everything here is written into users' files and may never change: the names of
classes, of properties and of the marks on Blender's own nodes.
"""

from __future__ import annotations

from ..core.graph import FRAME, GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE

TREE = "MovieDirectorTree"
_NODE = "MovieDirectorNode_"
_SOCKET = "MovieDirectorSocket_"

#: The socket of an input or output that its node's type does not (or no longer) declare.
LOST = "lost"

BLENDER_REROUTE, BLENDER_FRAME = "NodeReroute", "NodeFrame"
_BLENDERS_OWN = {REROUTE: BLENDER_REROUTE, FRAME: BLENDER_FRAME}
_TYPES = {idname: type for type, idname in _BLENDERS_OWN.items()}

#: Properties on every node of Blender, ours and its own.
NODE_ID, NODE_LABEL = "movie_director_id", "movie_director_label"
#: Custom property of a reroute whose graph did not say what flows through it.
UNTOLD_KIND = "movie_director_untold_kind"
#: Custom property of a Group Input or Output whose graph did not list any sockets.
UNTOLD_SOCKETS = "movie_director_untold_sockets"
#: Custom property of our strips: output node and what the strip stands for.
STRIP_KEY = "md_key"

GROUPS = (GROUP, GROUP_INPUT, GROUP_OUTPUT)


def node_idname(type: str) -> str:
    """Blender's name for the class of a node type, structural types included."""
    return _BLENDERS_OWN.get(type) or _NODE + type


def node_type_of(idname: str) -> str:
    """The node type behind Blender's name, or "" when the class is none of ours."""
    if idname in _TYPES:
        return _TYPES[idname]
    return idname.removeprefix(_NODE) if idname.startswith(_NODE) else ""


def socket_idname(kind: str) -> str:
    """Blender's name for the class of a socket kind."""
    return _SOCKET + kind


def kind_of(idname: str) -> str:
    """The socket kind behind Blender's name, or "" when the class is none of ours."""
    return idname.removeprefix(_SOCKET) if idname.startswith(_SOCKET) else ""


def prop(param: str) -> str:
    """The property that holds a parameter: ``name`` and ``width`` are Blender's own words."""
    return f"p_{param}"
