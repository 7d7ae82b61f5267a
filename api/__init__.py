# SPDX-License-Identifier: GPL-3.0-or-later
"""Movie Director for your own scripts: make, read, change, plan and evaluate films.

    from movie_director import api

    graph = api.read("last_train.fountain")
    film = api.edit(graph)
    film.set("project", quality="final")
    result = api.evaluate(film.graph, "last_train_film")
    print(result.files["film.mp4"])

Works with and without Blender; only .blend files need its module (``bpy``).
Everything that comes back is a frozen value, except ``Film``, which is there to be
changed.  Errors are those of ``movie_director.core.errors``.
"""

from __future__ import annotations

from ..core.audio_uses import AudioUse, SceneName, audio_by_scene
from ..core.compile import Problem, problems
from ..core.edit import Edit
from ..core.errors import MovieDirectorError
from ..core.graph import Graph, Link, Node
from ..core.graph_json import from_json, to_json
from ..core.lack import Diagnosis, Lack
from ..core.node_type import Catalogue
from ..core.plan import Plan
from ..core.run import Change
from ..core.state import NodeState
from ..core.step import Artifact
from ..core.store import Cleaned
from ..node_types import catalogue
from .asking import Answer, Cancelled, ask
from .diagnosis import diagnose, doctor
from .evaluation import Job, Result, clean, evaluate, plan, prepare
from .files import (
    BLEND,
    FOUNTAINS,
    GRAPHS,
    SCRIPTS,
    blender_room,
    read,
    read_tree,
    rebased,
    save_text,
    screenplay_of,
    write,
    write_tree,
)
from .film import Film, edit, new
from .writing import Proposal, accept, propose, writing_folder

__all__ = [
    "BLEND", "FOUNTAINS", "GRAPHS", "SCRIPTS", "Answer", "Artifact", "AudioUse", "Cancelled", "Catalogue",
    "Change", "Cleaned", "Diagnosis", "Edit", "Film", "Graph", "Job", "Lack", "Link",
    "MovieDirectorError", "Node", "NodeState", "Plan", "Problem", "Proposal", "Result", "SceneName", "accept",
    "ask", "audio_by_scene", "blender_room", "catalogue", "check", "clean", "diagnose", "doctor", "edit", "evaluate",
    "from_json", "new", "plan", "prepare", "propose", "read", "read_tree", "rebased", "save_text",
    "screenplay_of", "to_json", "write", "write_tree", "writing_folder",
]  # fmt: skip


def check(graph: Graph) -> tuple[Problem, ...]:
    """Every link of the film that makes no sense, with the reason and the way out.

    >>> film = new()
    >>> shot = film.add("shot")
    >>> film.link(shot, "shot", "output", "project")
    >>> [problem.target for problem in check(film.graph)]
    [('output', 'project'), ('output', 'project')]

    Raises:
        GraphError: a node's type is unknown.
    """
    return problems(graph, catalogue())
