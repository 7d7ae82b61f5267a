# SPDX-License-Identifier: GPL-3.0-or-later
"""A film graph as a screenplay again: the original, with what was changed in the tree.

The one idea: the Script node still has every word, so only differences are written,
each into its own place; title page, notes, boneyard, sections and the writer's own
layout are never touched.  A tree without a script is written down from its scenes.
"""

from __future__ import annotations

from ..core.graph import Graph
from .compose import scene as composed_scene
from .compose import shot as composed_shot
from .compose import speech
from .pieces import film_text
from .read import read
from .revision import revise
from .script import Screenplay
from .tree import Tree, see
from .write import Edit, rewrite

__all__ = ["to_fountain"]


def to_fountain(graph: Graph) -> str:
    """Fountain text of the film ``graph`` is.

    Where the Script node has a text, that text with the tree's edits: byte for byte the
    same where nothing was changed.  A Final Draft script comes back as Fountain.

    Raises:
        ScriptError: The Script node's text cannot be read; names line and column.
    """
    tree = see(graph)
    text = str(tree.script.params.get("text", "")) if tree.script else ""
    if not text.strip():
        return _composed(graph, tree)
    screenplay = read(text)
    if not tree.shots:
        return screenplay.text
    edits = [*_title(graph, screenplay), *revise(screenplay, tree)]
    return rewrite(screenplay.text, edits)


def _project(graph: Graph) -> dict[str, object]:
    found = graph.of_type("project")
    return dict(found[0][1].params) if found else {}


def _title(graph: Graph, screenplay: Screenplay) -> list[Edit]:
    """The project's title on the title page, when there is one and it says otherwise."""
    title = str(_project(graph).get("title", ""))
    for entry in screenplay.title_page:
        if entry.key.casefold() in ("title", "titre", "titel", "название"):
            same = film_text(title) == film_text(entry.value)[:240]
            if same or title in ("", "Untitled"):
                return []
            return [Edit(start=entry.words.start, end=entry.words.end, text=title)]
    return []


def _composed(graph: Graph, tree: Tree) -> str:
    project = _project(graph)
    title = str(project.get("title", "")) or "Untitled"
    logline = film_text(str(project.get("logline", "")))
    parts = [f"Title: {film_text(title)}", *([f"= {logline}"] if logline else [])]
    parts += [composed_scene(scene) for scene in tree.scenes]
    parts += [composed_shot(shot) for shot in tree.loose_shots]
    parts += [speech(line) for line in tree.loose_lines]
    return "\n\n".join(part for part in parts if part) + "\n"
