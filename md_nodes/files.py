# SPDX-License-Identifier: GPL-3.0-or-later
"""Films in .blend files, without a window: for the command line and for scripts.

A file is written beside its final place and moved there when it is whole, so that
whoever opens it finds the old film or the new one.  These functions replace what
Blender has open.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import bpy

from ..core.edit import Edit
from ..core.errors import GraphError, InputError, StoreError
from ..core.graph import Graph
from ..core.step import Artifact, StepId
from .marks import our_trees
from .names import node_idname
from .read import read_tree
from .registration import register
from .startup import show_film
from .strips import place_film, standing
from .where import films_in_file
from .write import write_tree


def graph_from_blend(path: Path, tree: str = "") -> Graph:
    """The film in a .blend: the tree called ``tree``, or the only one that is a film.

    Raises:
        InputError: the file cannot be opened, or holds no film.
        GraphError: there are several films, or the tree cannot be read.
    """
    open_blend(path)
    return read_tree(film_tree(tree))


def build_blend(
    graph: Graph,
    path: Path,
    edit: Edit | None = None,
    artifacts: Mapping[StepId, Artifact] | None = None,
) -> None:
    """Write a new .blend that shows the film's tree and, with ``edit``, its results.

    Raises:
        GraphError: Blender cannot show the graph.
        StoreError: the file cannot be written.
    """
    _empty()
    tree = write_tree(graph, _title(graph))
    if edit is not None:
        _place(tree, edit, artifacts or {}, path)
    show_film(tree)
    save_blend(path)


def place_in_blend(path: Path, edit: Edit, artifacts: Mapping[StepId, Artifact]) -> bool:
    """Put a film's results into the sequencer of its .blend, in place of older ones.

    Gives whether anything changed; when all is there already the file is not written.

    Raises:
        InputError: the file cannot be opened.
        StoreError: it cannot be written.
    """
    open_blend(path)
    before = standing(bpy.context.scene)
    _place(film_tree(), edit, artifacts, path)
    if standing(bpy.context.scene) == before:
        return False
    save_blend(path)
    return True


def open_blend(path: Path) -> None:
    """Open a .blend in place of what Blender has open; scripts inside do not run.

    Raises:
        InputError: there is no such file, or Blender cannot read it.
    """
    register()
    path = Path(path).absolute()
    if not path.is_file():
        raise InputError(f"There is no file '{path}'.", remedy="Look at the name.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=True, use_scripts=False)
    except RuntimeError as error:
        raise InputError(
            f"Blender {bpy.app.version_string} cannot open '{path}': {error}".strip(),
            remedy="Open it with the version of Blender that saved it, or a newer one.",
        ) from None


def save_blend(path: Path) -> None:
    """Save what is open as ``path``, whole or not at all, without a backup file.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = Path(path).absolute()
    beside = path.with_name(f".{path.stem}.{os.getpid()}.blend")
    settings = bpy.context.preferences.filepaths
    versions, settings.save_version = settings.save_version, 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        bpy.ops.wm.save_as_mainfile(
            filepath=str(beside),
            copy=True,
            compress=True,
            relative_remap=False,
            check_existing=False,
        )
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        raise StoreError(
            f"'{path}' could not be written: {error}".strip(),
            remedy="Make room, or choose a folder that may be written.",
        ) from None
    finally:
        settings.save_version = versions
        with contextlib.suppress(OSError):  # where nothing can be written nothing lies
            beside.unlink()


def film_tree(name: str = "") -> bpy.types.NodeTree:
    """The tree called ``name``, or the only film in the file.

    Raises:
        InputError: there is none.
        GraphError: there are several, and no name says which.
    """
    films = films_in_file()
    if name:
        films = [tree for tree in our_trees() if tree.name == name]
    if not films:
        raise InputError(
            "The file holds no film." if not name else f"The file holds no tree '{name}'.",
            remedy="Make one in the Movie Director editor and save the file.",
        )
    if len(films) > 1:
        names = ", ".join(f"'{tree.name}'" for tree in films)
        raise GraphError(f"The file holds several films: {names}.", remedy="Keep one of them.")
    return films[0]


def _empty() -> None:
    """A new file as Blender comes from the factory, with nothing in its scene."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False, app_template="")
    register()
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)


def _title(graph: Graph) -> str:
    found = [node.params.get("title") for node in graph.nodes if node.type == "project"]
    return next((title for title in found if title), "Film")


def _place(
    tree: bpy.types.NodeTree, edit: Edit, artifacts: Mapping[StepId, Artifact], path: Path
) -> None:
    output = next((n for n in tree.nodes if n.bl_idname == node_idname("output")), None)
    words: dict[str, object] = {}
    if output is not None:
        words = {
            "output": output.movie_director_id,
            "channel": output.p_channel,
            "start_frame": output.p_start_frame,
        }
    folder = str(Path(path).absolute().parent)
    place_film(bpy.context.scene, edit, artifacts, folder=folder, **words)
