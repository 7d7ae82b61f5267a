# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what was drawn into what must be done.

Named passes, in order: flatten (groups, reroutes, mute), check links, keep what
an output needs, lower each node to steps through its declaration.  Equal steps
are shared by digest as they are asked for.  Lowering yields ways to do a step;
choosing one is the planner's.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..digest import file_digest, text_digest
from ..errors import GraphError, LinkError
from ..garbage import collector_paused
from ..graph import Graph
from ..node_type import Catalogue
from ..note import Note
from ..recordings import recordings_in
from ..step import NodeId, Step, StepId
from .flatten import FlatGraph, flatten
from .links import Problem, problems, problems_of
from .lowering import (
    Described,
    FileRef,
    FilmSettings,
    Lowering,
    Offer,
    Shop,
    film_settings,
    lower_node,
)

__all__ = [
    "Described", "FileRef", "FilmSettings", "Files", "Lowering", "Offer", "Problem", "Program",
    "compile_graph", "outputs_of", "problems",
]  # fmt: skip

#: The node type a film is evaluated at, and its input for what holds for the film.
OUTPUT, PROJECT_INPUT = "output", "project"
#: The kind of socket through which a node is told who does its work.
BACKEND = "backend"


class Files:
    """The user's own files, digested once each as long as size and time stay.

    Owned by one thread.  Relative paths and Blender's ``//`` are taken from ``base``.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self._known: dict[tuple[str, int, int], FileRef] = {}

    def __call__(self, path: str) -> FileRef:
        """The file at ``path``.

        Raises:
            OSError: it is missing, no file (a folder, a device), or cannot be read.

        With a slash at its end, it is a folder of recordings, whose content is theirs.
        """
        if path.endswith("/"):
            return self._recordings(self.base / path.removeprefix("//"))
        found = self.base / path.removeprefix("//")
        state = found.stat()
        if not stat.S_ISREG(state.st_mode):  # a pipe or device might never end
            raise OSError(errno.EINVAL, "it is not a file")
        key = (str(found), state.st_size, state.st_mtime_ns)
        if key not in self._known:
            self._known[key] = FileRef(path=found, content=file_digest(found))
        return self._known[key]

    def _recordings(self, folder: Path) -> FileRef:
        # Sorted: names and their order change nothing of what is learned from them.
        contents = sorted(self(str(each)).content for each in recordings_in(folder))
        return FileRef(path=folder, content=text_digest("/".join(contents)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What must be done for one film: steps by id, each after those it needs.

    ``film`` holds the settings they were made with, ``output`` the node evaluated; ``notes`` tell
    of what is not made as a node asks for it.  ``backed`` are, by Backend, the nodes it speaks for.
    """

    steps: Mapping[StepId, Step]
    film: FilmSettings
    output: NodeId
    notes: tuple[Note, ...] = ()
    backed: Mapping[NodeId, tuple[NodeId, ...]] = field(default_factory=dict)


def outputs_of(graph: Graph, catalogue: Catalogue) -> tuple[str, ...]:
    """Paths of the Output nodes that are not muted, in the graph's order."""
    live = flatten(graph, catalogue).nodes
    return tuple(path for path, node in live.items() if node.type == OUTPUT)


@collector_paused()
def compile_graph(
    graph: Graph,
    catalogue: Catalogue,
    *,
    offer: Offer,
    files: Callable[[str], FileRef],
    output: str = "",
    node: str = "",
) -> Program:
    """The steps that make one film, or what one node stands for in it.

    Args:
        output: the Output node to evaluate; may be left out when there is only one.
        node: evaluate this node instead, with the settings of ``output``'s film.

    Raises:
        GraphError: there is no output, a type is unknown, a value does not fit.
        LinkError: links make no sense; all are named.
        MediaError: a user's file is missing.
    """
    flat = flatten(graph, catalogue)
    _refuse(problems_of(graph, flat, catalogue))
    output = _output(flat, output, node)
    target = _target(flat, node) if node else output
    sources = _sources(flat)
    settings = _settings(flat, sources, catalogue, output, files) if output else FilmSettings()
    shop = Shop(settings, offer)
    made: dict[str, Mapping[str, Described]] = {}
    for path in _needed(sources, target):
        made[path] = lower_node(_lowering(path, flat, made, catalogue, shop, files))
    return Program(
        steps=shop.steps, film=settings, output=NodeId(target), notes=tuple(shop.notes),
        backed=_backed(flat, catalogue),
    )  # fmt: skip


def _refuse(found: tuple[Problem, ...]) -> None:
    if not found:
        return
    first, more = found[0], len(found) - 1
    others = (
        "" if not more else " Also: " + " ".join(f"{p.target[0]}: {p.reason}" for p in found[1:])
    )
    raise LinkError(first.reason + others, remedy=first.remedy, where=first.target[0])


def _output(flat: FlatGraph, output: str, node: str) -> str:
    there = [path for path, found in flat.nodes.items() if found.type == OUTPUT]
    if output:
        if output not in there:
            raise GraphError(
                f"There is no Output node '{output}'.",
                remedy=f"Name one of: {', '.join(there) or 'none, add one'}.",
                where=output,
            )
        return output
    if len(there) == 1 or (node and there):
        return there[0]
    if node:
        return ""
    if not there:
        raise GraphError(
            "The film has no Output node.", remedy="Add one and link a Sequence to it."
        )
    raise GraphError(
        "The film has several Output nodes.", remedy=f"Name one of: {', '.join(there)}."
    )


def _target(flat: FlatGraph, node: str) -> str:
    if node not in flat.nodes:
        raise GraphError(
            f"There is no node '{node}' to evaluate.",
            remedy="Name a node by its path, such as 'scene_01/shot_010'; it must not be muted.",
            where=node,
        )
    return node


def _settings(
    flat: FlatGraph,
    sources: Mapping[str, Sequence[str]],
    catalogue: Catalogue,
    output: str,
    files: Callable[[str], FileRef],
) -> FilmSettings:
    """The film's settings: its Project is lowered ahead of all else."""
    shop = Shop(FilmSettings(), lambda _: ())
    made: dict[str, Mapping[str, Described]] = {}
    project: Described | None = None
    for path, socket in flat.feeds.get((output, PROJECT_INPUT), ()):
        for needed in _needed(sources, path):
            made[needed] = lower_node(_lowering(needed, flat, made, catalogue, shop, files))
        project = made[path][socket]
    node = flat.nodes[output]
    params = {**catalogue[node.type].defaults, **node.params}
    affecting = {p.name: params[p.name] for p in catalogue[node.type].params if p.affects}
    return film_settings(project, affecting)


def _lowering(
    path: str,
    flat: FlatGraph,
    made: Mapping[str, Mapping[str, Described]],
    catalogue: Catalogue,
    shop: Shop,
    files: Callable[[str], FileRef],
) -> Lowering:
    node = flat.nodes[path]
    feeds = {
        socket.name: tuple(made[source][name] for source, name in ends)
        for socket in catalogue[node.type].inputs
        if (ends := flat.feeds.get((path, socket.name)))
    }
    return Lowering(path, node, feeds, catalogue, shop, files)


def _sources(flat: FlatGraph) -> Mapping[str, Sequence[str]]:
    """For each node the nodes that feed it, in link order."""
    sources: dict[str, list[str]] = {}
    for (path, _), ends in flat.feeds.items():
        sources.setdefault(path, []).extend(source for source, _ in ends)
    return sources


def _backed(flat: FlatGraph, catalogue: Catalogue) -> Mapping[NodeId, tuple[NodeId, ...]]:
    """The nodes that each node which says who does the work is linked to."""
    found: dict[NodeId, list[NodeId]] = {}
    for (path, socket), ends in flat.feeds.items():
        declared = catalogue[flat.nodes[path].type].input_by_name.get(socket)
        if declared is not None and declared.kind == BACKEND:
            for source, _ in ends:
                found.setdefault(NodeId(source), []).append(NodeId(path))
    return {source: tuple(fed) for source, fed in found.items()}


def _needed(sources: Mapping[str, Sequence[str]], target: str) -> Sequence[str]:
    """What ``target`` needs, itself last: depth first in link order, so shot one comes first."""
    order: list[str] = []
    placed: set[str] = set()
    pending: list[tuple[str, bool]] = [(target, False)]
    while pending:
        path, ready = pending.pop()
        if path in placed:
            continue
        if ready:
            placed.add(path)
            order.append(path)
            continue
        pending.append((path, True))
        pending.extend((source, False) for source in reversed(sources.get(path, ())))
    return order
