# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole films as operators: a new one, one from a script, a new draft, a tidy tree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy

from .. import screenplay
from ..core.errors import InputError, MovieDirectorError
from ..core.graph import FRAME, Graph, Link, Node
from .layout import arranged
from .marks import ids_of
from .names import TREE, node_type_of
from .read import read_tree
from .where import editors, film_of, is_editable, space_of
from .write import write_tree

_UNDO = {"REGISTER", "UNDO"}
#: What a new film begins with.
_NEW = Graph(
    nodes=(
        Node(id="project", type="project"),
        Node(id="shot", type="shot"),
        Node(id="film", type="sequence", params={"title": "Film"}),
        Node(id="output", type="output"),
    ),
    links=(
        Link(source=("shot", "shot"), target=("film", "shots")),
        Link(source=("film", "sequence"), target=("output", "sequence")),
        Link(source=("project", "project"), target=("output", "project")),
    ),
)


class MOVIE_DIRECTOR_OT_new_film(bpy.types.Operator):
    """Begin a film: a project, a shot, a sequence and an output"""

    bl_idname = "movie_director.new_film"
    bl_label = "New Film"
    bl_options = _UNDO

    @classmethod
    def poll(cls, context) -> bool:
        space = context.space_data
        return space is not None and space.type == "NODE_EDITOR" and space.tree_type == TREE

    def execute(self, context) -> set[str]:
        context.space_data.node_tree = write_tree(_NEW, "Film")
        return {"FINISHED"}


class MOVIE_DIRECTOR_OT_open_screenplay(bpy.types.Operator):
    """Begin a film from a screenplay, Fountain or Final Draft: scenes, shots, lines and sounds"""

    bl_idname = "movie_director.open_screenplay"
    bl_label = "Open a Screenplay…"
    bl_options = _UNDO

    poll = MOVIE_DIRECTOR_OT_new_film.poll

    def invoke(self, context, event) -> set[str]:
        """Ask which file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context) -> set[str]:
        """A film in a tree of its own, called as the script is."""
        path = Path(self.filepath)
        script = Node(id="script", type="script", params={"file": str(path)})
        graph = replace(_NEW, nodes=(*_NEW.nodes, script))
        try:
            written = _first(graph, _breakdown(graph))
            tree = write_tree(written, path.stem)
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        context.space_data.node_tree = tree
        self.report({"INFO"}, _told(written))
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_open_screenplay.__annotations__ = {
    "filepath": bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"}),
    "filter_glob": bpy.props.StringProperty(
        default="*.fountain;*.spmd;*.fdx;*.txt", options={"HIDDEN"}
    ),
}


class _FilmOperator:
    """Changes the film an editor shows."""

    bl_options = _UNDO

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and is_editable(film_of(space))


class MOVIE_DIRECTOR_OT_break_down(_FilmOperator, bpy.types.Operator):
    """Make scenes, shots, lines and sounds from the script; a tree that is there is brought up to date"""

    bl_idname = "movie_director.break_down"
    bl_label = "Break Down"

    def execute(self, context) -> set[str]:
        """A first breakdown, or the accepted changes of a new draft."""
        film = film_of(space_of(context))
        try:
            graph = read_tree(film)
            new = _breakdown(graph)
            written = self._changed(graph, new) if _broken_down(graph) else _first(graph, new)
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        for _, _, space in editors():
            while film_of(space) == film and len(space.path) > 1:
                space.path.pop()
        write_tree(written, film.name, into=film)
        self.report({"INFO"}, _told(written))
        return {"FINISHED"}

    def _changed(self, graph: Graph, new: screenplay.Breakdown) -> Graph:
        changes = screenplay.compare(graph, new)
        if not self.asked:
            return screenplay.accept(graph, changes)
        refused = {entry.sentence for entry in self.changes if not entry.take}
        taken = [change for change in changes if change.sentence not in refused]
        mine = [change for change in taken if not change.conflict]
        theirs = [change for change in taken if change.conflict]
        return screenplay.accept(screenplay.accept(graph, mine), theirs, conflicts="script")

    def invoke(self, context, event) -> set[str]:
        """Where a tree is there already, what would change is shown first."""
        film = film_of(space_of(context))
        try:
            graph = read_tree(film)
            if not _broken_down(graph):
                return self.execute(context)
            changes = screenplay.compare(graph, _breakdown(graph))
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        if not changes:
            self.report({"INFO"}, "The tree is as the script says")
            return {"CANCELLED"}
        self.asked = True
        self.changes.clear()
        for change in changes:
            entry = self.changes.add()
            entry.sentence, entry.take, entry.conflict = (
                change.sentence, not change.conflict, change.conflict,
            )  # fmt: skip
        return context.window_manager.invoke_props_dialog(self, width=640)

    def draw(self, context) -> None:
        """Each change with a box to take it; where both changed something, yours stays."""
        if not self.asked:
            return
        column = self.layout.column(align=True)
        column.label(text="What the script changes in the film:")
        for entry in self.changes[:40]:
            row = column.row()
            row.prop(entry, "take", text="")
            row.label(text=entry.sentence, icon="ERROR" if entry.conflict else "NONE")


class MovieDirectorChange(bpy.types.PropertyGroup):
    """One change of a new draft, to be taken or left."""


MovieDirectorChange.__annotations__ = {
    "sentence": bpy.props.StringProperty(),
    "take": bpy.props.BoolProperty(),
    "conflict": bpy.props.BoolProperty(),
}
MOVIE_DIRECTOR_OT_break_down.__annotations__ = {
    "changes": bpy.props.CollectionProperty(type=MovieDirectorChange, options={"SKIP_SAVE"}),
    "asked": bpy.props.BoolProperty(options={"SKIP_SAVE", "HIDDEN"}),
}


def _breakdown(graph: Graph) -> screenplay.Breakdown:
    """The script of a film, broken down as its Script node says.

    Raises:
        InputError: there is no script, or its file cannot be read.
    """
    found = graph.of_type("script")
    if not found:
        raise InputError("The film has no script.", remedy="Add a Script node.")
    path, node = found[0]
    file = str(node.params.get("file", ""))
    text = str(node.params.get("text", ""))
    if file:
        source = Path(bpy.path.abspath(file))
        if not source.is_file():
            raise InputError(f"There is no file '{source}'.", remedy="Choose it again.", where=path)
        script = screenplay.read(source.read_bytes())
    elif text.strip():
        script = screenplay.read(text)
    else:
        raise InputError(
            "The script is empty.",
            remedy="Choose a file on the Script node, or write in a text of Blender's.",
            where=path,
        )
    return screenplay.break_down(script, screenplay.settings_of(graph))


def _broken_down(graph: Graph) -> bool:
    """Whether the tree was made from a script before: its scenes say where they come from."""
    return any(node.params.get("source") for _, node in graph.walk())


def _first(graph: Graph, new: screenplay.Breakdown) -> Graph:
    """The whole film of the script, with the settings the film has so far."""
    made = screenplay.to_graph(new)
    kept = {type: found[0][1].params for type in ("project", "script", "output")
            if (found := graph.of_type(type))}  # fmt: skip
    nodes = tuple(
        replace(node, params={**node.params, **_given(kept[node.type], node)})
        if node.type in kept
        else node
        for node in made.nodes
    )
    return Graph(nodes=nodes, links=made.links)


def _given(params, node: Node) -> dict:
    """What people set by hand; the script's own words win."""
    own = {"text", "title"} if node.type != "output" else set()
    return {
        name: value for name, value in params.items() if name not in own or name not in node.params
    }


def _told(graph: Graph) -> str:
    counts = {type: len(graph.of_type(type)) for type in ("group", "shot", "dialogue", "character")}
    return "{group} scenes, {shot} shots, {dialogue} lines, {character} characters".format(**counts)


class MOVIE_DIRECTOR_OT_arrange(_FilmOperator, bpy.types.Operator):
    """Lay the nodes out in columns by role, as Blender draws them now"""

    bl_idname = "movie_director.arrange"
    bl_label = "Arrange Nodes"

    def execute(self, context) -> set[str]:
        tree = space_of(context).edit_tree
        graph_nodes, links = _shallow(tree)
        ids = ids_of(tree)
        names = {id: name for name, id in ids.items()}
        scale = context.preferences.system.ui_scale or 1.0  # 0 where nothing is drawn
        heights = {ids[n.name]: n.dimensions.y / scale for n in tree.nodes}
        places = arranged(graph_nodes, links, lambda node: heights[node.id] or 200.0)
        for id, place in places.items():
            node = tree.nodes[names[id]]
            if node_type_of(node.bl_idname) != FRAME:
                node.location_absolute = place
        return {"FINISHED"}


def _shallow(tree: bpy.types.NodeTree) -> tuple[list[Node], tuple[Link, ...]]:
    """One level of a tree, as the layout wants it."""
    graph = read_tree(tree)
    return [replace(node, nodes=(), links=(), location=None) for node in graph.nodes], graph.links


class MOVIE_DIRECTOR_OT_group_leave(bpy.types.Operator):
    """Show the whole film again"""

    bl_idname = "movie_director.group_leave"
    bl_label = "Leave Group"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context) -> bool:
        space = space_of(context)
        return space is not None and len(space.path) > 1

    def execute(self, context) -> set[str]:
        while len(context.space_data.path) > 1:
            context.space_data.path.pop()
        return {"FINISHED"}


CLASSES = (
    MovieDirectorChange,
    MOVIE_DIRECTOR_OT_new_film,
    MOVIE_DIRECTOR_OT_open_screenplay,
    MOVIE_DIRECTOR_OT_break_down,
    MOVIE_DIRECTOR_OT_arrange,
    MOVIE_DIRECTOR_OT_group_leave,
)
