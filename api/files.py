# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs from files and into files: .blend, screenplays and graph JSON.

What a file is, its suffix says.  A .blend needs Blender's module (``bpy``), which
is loaded when the first one is met and not before; everything else does without.
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from ..core.errors import InputError, MissingLibrary, ScriptError
from ..core.graph import GROUP, Graph, Node
from ..core.graph_json import graph_from_text, graph_to_text
from ..core.node_type import Param
from ..core.store.files import translated
from ..node_types import catalogue

__all__ = [
    "BLEND", "FOUNTAINS", "GRAPHS", "SCRIPTS", "blender_room", "read", "read_tree", "rebased",
    "save_text", "screenplay_of", "write", "write_tree",
]  # fmt: skip

BLEND = ".blend"
FOUNTAINS = (".fountain", ".spmd", ".txt")
SCRIPTS = (".fountain", ".spmd", ".fdx", ".txt")
GRAPHS = (".json",)


def read(path: str | Path) -> Graph:
    """The film in a .blend, a screenplay (.fountain, .spmd, .fdx, .txt) or a graph (.json).

    A screenplay is broken down as its Script node's defaults say.

    Raises:
        InputError: there is no such file, or it is of no known kind.
        ScriptError, GraphError: what is in it cannot be used; says where.
        MissingLibrary: a .blend needs Blender's module, and it is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    _check_file(path)
    if suffix not in (BLEND, *SCRIPTS, *GRAPHS):
        raise InputError(
            f"'{path}' is neither a .blend, nor a screenplay, nor a graph.",
            remedy=f"Give a file that ends in {', '.join((BLEND, *SCRIPTS, *GRAPHS))}.",
        )
    data = _bytes(path)
    if suffix == BLEND:
        graph: Graph = blender_room().graph_from_blend(path.absolute())
        return graph
    if suffix in GRAPHS:
        return graph_from_text(_utf8(data, path), catalogue())
    return _film_of_script(data, path)


def _check_file(path: Path) -> None:
    """Refuse what is not there, and what might never end: a pipe, a device."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"There is no file '{path}'.", remedy=_near_files(path)) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        raise InputError(f"'{path}' is a folder.", remedy="Give the file of the film in it.")
    if not stat.S_ISREG(mode):
        raise InputError(f"'{path}' is not a file.", remedy="Save the film to a file, and give it.")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Of a .blend only whether it can be read: reading it is Blender's business.
            return file.read(16 if path.suffix.lower() == BLEND else -1)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    why = getattr(error, "strerror", None) or error
    return InputError(f"'{path}' cannot be read ({why}).", remedy="Check who may read it.")


def _near_files(path: Path) -> str:
    """What was probably meant, among the neighbours."""
    try:
        there = [each.name for each in path.parent.iterdir() if each.is_file()]
    except OSError:
        return f"There is no folder '{path.parent}' either: check the path."
    near = difflib.get_close_matches(path.name, there, n=1)
    return f"Did you mean '{path.parent / near[0]}'?" if near else "Check the name and the folder."


def _utf8(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not a text file (byte {error.start} is not UTF-8).",
            remedy="Give a graph written by 'movie-director graph FILM --json'.",
        ) from None


def _film_of_script(data: bytes, path: Path) -> Graph:
    from .. import screenplay

    if not data.strip():
        raise InputError(
            f"The script '{path}' is empty.",
            remedy="Write at least a scene heading, such as 'INT. KITCHEN - DAY', and what happens.",
        )
    try:
        script = screenplay.read(data)
        graph: Graph = screenplay.to_graph(script, title=path.stem)
    except ScriptError as error:
        error.where = error.where or str(path)
        raise
    if not graph.of_type("shot"):
        raise InputError(
            f"There is no scene in '{path}'.",
            remedy="Write at least a scene heading, such as 'INT. KITCHEN - DAY', and what happens.",
        )
    return graph


def write(graph: Graph, path: str | Path) -> Path:
    """Write a film as .json, .blend or .fountain, by the suffix of ``path``; gives its path.

    A file that is there is replaced at once or not at all.

    Raises:
        InputError: the suffix is none of these; a .fountain is wanted of a film without script.
        StoreError: the folder cannot be written to.
        MissingLibrary: a .blend needs Blender's module, and it is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in GRAPHS:
        return save_text(graph_to_text(graph), path)
    if suffix == BLEND:
        room = blender_room()
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        room.build_blend(graph, path)
        return path
    if suffix in FOUNTAINS:
        return save_text(screenplay_of(graph), path)
    raise InputError(
        f"A film cannot be written as '{path.name}'.",
        remedy="Give a name that ends in .blend, .json or .fountain.",
    )


def screenplay_of(graph: Graph) -> str:
    """The film as a Fountain screenplay: the text it was made from, with what was changed since.

    Raises:
        InputError: the film has no script.
    """
    from .. import screenplay

    text: str = screenplay.to_fountain(graph)
    return text


def save_text(text: str, path: Path) -> Path:
    """Write UTF-8 text, line ends as given, at once or not at all; makes the folder."""
    part = path.with_name(f".{path.name}.part")
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def blender_room() -> ModuleType:
    """The part that reads and writes .blend files; loads Blender's module.

    Raises:
        MissingLibrary: it is not installed.
    """
    try:
        from ..md_nodes import files as room
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("bpy", "_bpy"):
            raise
        raise MissingLibrary(
            "A .blend needs Blender's module, 'bpy', which is not installed here.",
            remedy='Install it with: pip install "movie-director[blender]" '
            "(it exists for Python 3.11 and 3.13), or do it inside Blender.",
        ) from None
    found: ModuleType = room
    return found


def read_tree(name: str = "") -> Graph:
    """The film in the file that Blender has open: the tree called ``name``, or the only one.

    Raises:
        InputError, GraphError: there is no such film, or there are several.
        MissingLibrary: this is not Blender, and its module is not installed.
    """
    room = blender_room()
    graph: Graph = room.read_tree(room.film_tree(name))
    return graph


def write_tree(graph: Graph, name: str = "") -> str:
    """Show a film as a node tree in the file that Blender has open; gives the tree's name.

    The tree called ``name`` is rewritten, if there is one; else a new one is made.

    Raises:
        GraphError: Blender cannot show the graph.
        MissingLibrary: this is not Blender, and its module is not installed.
    """
    room = blender_room()
    found = [tree for tree in room.our_trees() if tree.name == name]
    tree = room.write_tree(graph, name or "Film", into=found[0] if found else None)
    return str(tree.name)


def rebased(graph: Graph, old: Path, new: Path) -> Graph:
    """The graph with the user's own files named from another folder.

    Only relative paths that lead to a file from ``old`` change; everything else, and
    the whole graph when the folders are the same, stays exactly as it is.
    """
    if old.resolve() == new.resolve():
        return graph
    return replace(graph, nodes=tuple(_rebased_node(node, old, new) for node in graph.nodes))


def _rebased_node(node: Node, old: Path, new: Path) -> Node:
    if node.type == GROUP:
        return replace(node, nodes=tuple(_rebased_node(inner, old, new) for inner in node.nodes))
    declared = catalogue().get(node.type)
    if declared is None:
        return node
    changed = {
        param.name: _rebased_value(param, node.params[param.name], old, new)
        for param in declared.params
        if param.kind in ("path", "paths") and param.name in node.params
    }
    params: Mapping[str, Any] = {**node.params, **changed}
    return replace(node, params=params) if changed else node


def _rebased_value(param: Param, value: Any, old: Path, new: Path) -> Any:
    if param.kind == "paths":
        return tuple(_rebased_path(path, old, new) for path in value)
    return _rebased_path(value, old, new)


def _rebased_path(path: str, old: Path, new: Path) -> str:
    bare = path.removeprefix("//")
    if not bare or Path(bare).is_absolute() or not (old / bare).exists():
        return path
    there = (old / bare).resolve()
    try:
        moved = os.path.relpath(there, new.resolve())
    except ValueError:  # another drive on Windows
        return str(there)
    return "//" + str(PurePosixPath(Path(moved).as_posix()))
