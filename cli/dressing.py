# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command line asks of a film, laid into its graph: quality, format, who makes it.

Everything asked for becomes a node or a parameter, so the .blend that comes out
says the same as the command that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..core.graph import GROUP, Graph, Link, Node
from .quantities import NAMED_SIZES

__all__ = ["with_backend", "with_project"]

PROJECT, OUTPUT, SHOT, BACKEND = "project", "output", "shot", "backend"


def with_project(
    graph: Graph,
    *,
    quality: str | None = None,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
    folder: str = "",
) -> Graph:
    """The film with these settings on its Project node; one is added where there is none."""
    params: dict[str, object] = {}
    if quality is not None:
        params["quality"] = quality
    if fps is not None:
        params["fps"] = fps
    if size is not None:
        named = {value: name for name, value in NAMED_SIZES.items()}
        params["resolution"] = named.get(size, "custom")
        params["width"], params["height"] = size
    if folder:
        params["output_folder"] = folder
    if not params:
        return graph
    graph, path = _project_of(graph)
    return graph.with_params(path, **params)


def _project_of(graph: Graph) -> tuple[Graph, str]:
    there = [path for path, node in graph.of_type(PROJECT) if not node.muted and "/" not in path]
    if there:
        return graph, there[0]
    id = _free(PROJECT, {node.id for node in graph.nodes})
    graph = graph.with_node(Node(id=id, type=PROJECT))
    for path, _ in graph.of_type(OUTPUT):
        if "/" not in path:
            graph = graph.with_link((id, PROJECT), (path, PROJECT))
    return graph, id


def with_backend(graph: Graph, service: str) -> Graph:
    """The film with a Backend node for every shot that has none yet."""
    nodes, links = _backed(graph.nodes, graph.links, service)
    return Graph(nodes=nodes, links=links)


def _backed(
    nodes: tuple[Node, ...], links: tuple[Link, ...], service: str
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    inside = tuple(_backed_group(node, service) if node.type == GROUP else node for node in nodes)
    bare = list(_bare_shots(inside, links))
    if not bare:
        return inside, links
    id = _free(BACKEND, {node.id for node in inside})
    backend = Node(id=id, type=BACKEND, params={"service": service})
    more = tuple(Link(source=(id, BACKEND), target=(shot, BACKEND)) for shot in bare)
    return (*inside, backend), (*links, *more)


def _backed_group(group: Node, service: str) -> Node:
    nodes, links = _backed(group.nodes, group.links, service)
    return replace(group, nodes=nodes, links=links)


def _bare_shots(nodes: tuple[Node, ...], links: tuple[Link, ...]) -> Iterator[str]:
    fed = {link.target[0] for link in links if link.target[1] == BACKEND}
    return (node.id for node in nodes if node.type == SHOT and node.id not in fed)


def _free(wanted: str, taken: set[str]) -> str:
    id, count = wanted, 1
    while id in taken:
        count += 1
        id = f"{wanted}_{count}"
    return id
