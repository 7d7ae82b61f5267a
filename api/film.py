# SPDX-License-Identifier: GPL-3.0-or-later
"""A film under construction: nodes and links added one by one, checked as they come.

``Film`` is the one thing in the API that changes; ``film.graph`` is the frozen value
to plan, evaluate or write.  Adding takes the same time however large the film is.
What a node type has to offer is in ``docs/nodes.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ..core.errors import GraphError
from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, Graph, Link, Node, group_sockets
from ..core.node_type import Socket
from ..node_types import catalogue

__all__ = ["Film", "edit", "new"]


class _Scope:
    """The nodes and links of the film's top, or of one group."""

    def __init__(self, nodes: Iterable[Node] = (), links: Iterable[Link] = ()) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.links = list(links)
        self.counts: dict[str, int] = {}

    def free_id(self, wanted: str) -> str:
        """``wanted``, or with the first number that makes it unique among its siblings."""
        id, count = wanted, self.counts.get(wanted, 1)
        while id in self.nodes:
            count += 1
            id = f"{wanted}_{count}"
        self.counts[wanted] = count
        return id


class Film:
    """A graph that can be added to.  Ids are paths: ``"scene_01/shot_010"`` lies in a group.

    >>> film = new(title="Two Cups")
    >>> anna = film.add("character", name="ANNA", description="A tired courier, red coat")
    >>> shot = film.add("shot", action="Anna puts down two cups.", shot_type="close_up")
    >>> film.link(anna, "character", shot, "characters")
    >>> film.link(shot, "shot", "film", "shots")
    >>> [node.id for node in film.graph.nodes]
    ['project', 'film', 'output', 'character', 'shot']
    """

    def __init__(self, graph: Graph | None = None) -> None:
        self._scopes: dict[str, _Scope] = {}
        start = graph or Graph()
        self._open("", start.nodes, start.links)

    def _open(self, path: str, nodes: Iterable[Node], links: Iterable[Link]) -> None:
        scope = self._scopes[path] = _Scope(nodes, links)
        for node in scope.nodes.values():
            if node.type == GROUP:
                self._open(f"{path}/{node.id}".lstrip("/"), node.nodes, node.links)

    @property
    def graph(self) -> Graph:
        """The film as it is now: a frozen value that later changes leave alone."""
        nodes, links = self._closed("")
        return Graph(nodes=nodes, links=links)

    def _closed(self, path: str) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
        scope = self._scopes[path]
        return tuple(self._with_inside(path, node) for node in scope.nodes.values()), tuple(
            scope.links
        )

    def _with_inside(self, within: str, node: Node) -> Node:
        if node.type != GROUP:
            return node
        nodes, links = self._closed(f"{within}/{node.id}".lstrip("/"))
        return replace(node, nodes=nodes, links=links)

    def add(self, type: str, *, id: str = "", within: str = "", **params: Any) -> str:
        """Add a node and get its path.

        ``id`` is made from the type when left out.  ``within`` is the group to add it to.
        Parameters left out have their type's defaults.

        Raises:
            GraphError: there is no such type, parameter or group; a value does not fit; the
                id is taken.
        """
        declared = catalogue().get(catalogue().current(type))
        if declared is None:
            raise GraphError(
                f"There is no node type '{type}'.",
                remedy=_nearest(type, list(catalogue())),
                where=id or within,
            )
        scope = self._scope(within)
        node_id = _checked_id(id) if id else scope.free_id(declared.id)
        path = f"{within}/{node_id}".lstrip("/")
        if node_id in scope.nodes:
            raise GraphError(
                f"There is already a node '{node_id}' here.",
                remedy="Give the new node another id, or none.",
                where=path,
            )
        checked = declared.check(params, where=path)
        scope.nodes[node_id] = Node(id=node_id, type=declared.id, params=checked)
        return path

    def add_group(
        self,
        name: str,
        *,
        id: str = "",
        within: str = "",
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
    ) -> str:
        """Add an empty group, such as a scene, and get its path.

        ``inputs`` and ``outputs`` give its sockets, name → kind.  Inside they are the
        outputs of the node ``inputs`` and the inputs of the node ``outputs``.

        >>> film = new()
        >>> scene = film.add_group("Kitchen", outputs={"scene": "sequence"})
        >>> take = film.add("sequence", within=scene, title="INT. KITCHEN")
        >>> film.link(take, "sequence", f"{scene}/outputs", "scene")
        >>> film.link(scene, "scene", "film", "shots")
        >>> scene, take
        ('group', 'group/sequence')
        """
        scope = self._scope(within)
        node_id = _checked_id(id) if id else scope.free_id(GROUP)
        path = f"{within}/{node_id}".lstrip("/")
        if node_id in scope.nodes:
            raise GraphError(
                f"There is already a node '{node_id}' here.",
                remedy="Give the new group another id, or none.",
                where=path,
            )
        scope.nodes[node_id] = Node(id=node_id, type=GROUP, params={"name": name})
        ends = (("inputs", GROUP_INPUT, inputs), ("outputs", GROUP_OUTPUT, outputs))
        inside = [
            Node(id=end, type=kind, params={"sockets": _interface(sockets)})
            for end, kind, sockets in ends
            if sockets
        ]
        self._scopes[path] = _Scope(inside)
        return path

    def link(self, source: str, output: str, target: str, input: str) -> None:
        """Link an output to an input; among the links into one input, the order counts.

        Raises:
            GraphError: a node or socket is not there, or the two lie in different groups.
        """
        if source.rpartition("/")[0] != target.rpartition("/")[0]:
            raise GraphError(
                f"'{source}' and '{target}' do not lie in the same group.",
                remedy="Link through the group's own inputs and outputs.",
                where=target,
            )
        _known(output, self._sockets(source, "output"), f"'{source}' has no output", source)
        _known(input, self._sockets(target, "input"), f"'{target}' has no input", target)
        scope = self._scope(source.rpartition("/")[0])
        ends = ((source.rpartition("/")[2], output), (target.rpartition("/")[2], input))
        scope.links.append(Link(source=ends[0], target=ends[1]))

    def set(self, path: str, **params: Any) -> None:
        """Set parameters of a node; None takes one back to its default.

        Raises:
            GraphError: there is no such node or parameter, or a value does not fit.
        """
        node = self._node(path)
        given = {name: value for name, value in params.items() if value is not None}
        declared = catalogue().get(node.type)
        if declared is not None:
            given = declared.check(given, where=path)
        kept = {name: node.params[name] for name in node.params if name not in params}
        where, _, id = path.rpartition("/")
        self._scopes[where].nodes[id] = replace(node, params={**kept, **given})

    def remove(self, path: str) -> None:
        """Take out a node with its links and, if it is a group, with all that is in it."""
        self._node(path)
        where, _, id = path.rpartition("/")
        scope = self._scopes[where]
        del scope.nodes[id]
        scope.links = [link for link in scope.links if id not in (link.source[0], link.target[0])]
        for inside in [key for key in self._scopes if key == path or key.startswith(f"{path}/")]:
            del self._scopes[inside]

    def find(self, type: str) -> tuple[str, ...]:
        """Paths of every node of one type, groups searched through.

        >>> new().find("output")
        ('output',)
        """
        return tuple(path for path, node in self._walk() if node.type == type)

    def _walk(self) -> Iterator[tuple[str, Node]]:
        for where, scope in self._scopes.items():
            for id, node in scope.nodes.items():
                yield f"{where}/{id}".lstrip("/"), node

    def _scope(self, path: str) -> _Scope:
        if path not in self._scopes:
            raise GraphError(
                f"There is no group '{path}'.",
                remedy=_nearest(path, [key for key in self._scopes if key]),
                where=path,
            )
        return self._scopes[path]

    def _node(self, path: str) -> Node:
        where, _, id = path.rpartition("/")
        scope = self._scope(where)
        if id not in scope.nodes:
            near = [f"{where}/{sibling}".lstrip("/") for sibling in scope.nodes]
            raise GraphError(f"There is no node '{path}'.", remedy=_nearest(path, near), where=path)
        return scope.nodes[id]

    def _sockets(self, path: str, side: str) -> tuple[str, ...]:
        """Names of a node's inputs or outputs."""
        node = self._node(path)
        declared = catalogue().get(node.type)
        if declared is not None:
            sockets: tuple[Socket, ...] = getattr(declared, f"{side}s")
            return tuple(socket.name for socket in sockets)
        if node.type == GROUP:
            inner = GROUP_OUTPUT if side == "output" else GROUP_INPUT
            ends = (child for child in self._scopes[path].nodes.values() if child.type == inner)
            return tuple(socket.name for end in ends for socket in group_sockets(end))
        if node.type in (GROUP_INPUT, GROUP_OUTPUT):
            fits = (side == "output") == (node.type == GROUP_INPUT)
            return tuple(socket.name for socket in group_sockets(node)) if fits else ()
        return (side,)


def new(*, title: str = "Untitled", **project: Any) -> Film:
    """An empty film: a ``project``, a Sequence ``film`` and an ``output``, linked.

    ``project`` are parameters of the Project node.

    >>> film = new(title="Last Train", quality="draft")
    >>> film.graph.node("project").params["title"]
    'Last Train'
    """
    film = Film()
    film.add("project", id="project", title=title, **project)
    film.add("sequence", id="film", title=title)
    film.add("output", id="output")
    film.link("film", "sequence", "output", "sequence")
    film.link("project", "project", "output", "project")
    return film


def edit(graph: Graph) -> Film:
    """A film that begins as ``graph``; the graph itself stays as it is."""
    return Film(graph)


def _interface(sockets: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    return tuple({"name": name, "kind": kind} for name, kind in sockets.items())


def _checked_id(id: str) -> str:
    if "/" in id or "\0" in id or "\n" in id:
        raise GraphError(
            f"A node cannot have the id {id!r:.60}.", remedy="Use text without '/' or line breaks."
        )
    return id


def _known(name: str, there: tuple[str, ...], what: str, where: str) -> None:
    if name not in there:
        raise GraphError(f"{what} '{name}'.", remedy=_nearest(name, list(there)), where=where)


def _nearest(name: str, there: list[str]) -> str:
    """A remedy that names what was probably meant, else all there is."""
    near = get_close_matches(name, there, n=3)
    if near:
        return "Did you mean " + " or ".join(f"'{each}'" for each in near) + "?"
    return f"There is: {', '.join(there)}." if there else "There is none."
