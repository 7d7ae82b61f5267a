# SPDX-License-Identifier: GPL-3.0-or-later
"""The film a command is about: what it reads, where its results lie, which node is meant."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass
from pathlib import Path

from .. import api
from ..core.errors import GraphError
from ..core.graph import Graph, Node
from ..studio import results_folder

__all__ = ["Source", "add_film", "add_json", "add_node", "find_node", "open_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A film file that was read.  ``folder`` is where its results lie."""

    path: Path
    graph: Graph
    folder: Path

    @property
    def base(self) -> Path:
        """The folder that relative paths in the film are meant from."""
        return self.path.parent

    @property
    def is_blend(self) -> bool:
        """Whether it is a .blend, whose sequencer can be brought up to date."""
        return self.path.suffix.lower() == api.BLEND

    @property
    def is_script(self) -> bool:
        """Whether it is a screenplay."""
        return self.path.suffix.lower() in api.SCRIPTS


def open_source(text: str, output: str | None = None) -> Source:
    """Read the film ``text`` names; results lie in ``output``, or where the film says.

    Raises:
        InputError: it cannot be read; says what to do.
    """
    graph = api.read(text)
    path = Path(text).absolute()
    folder = Path(output).absolute() if output else results_folder(graph, path)
    return Source(path=path, graph=graph, folder=folder)


def add_film(
    parser: argparse.ArgumentParser, what: str = "the film", *, needed: bool = True
) -> None:
    """The film itself, as the first word; ``needed`` unless something else may stand for it."""
    parser.add_argument(
        "film",
        metavar="FILM",
        nargs=None if needed else "?",
        help=f"{what}: a .blend, a screenplay or a graph",
    )


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """``--json``: for programs."""
    parser.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def add_node(parser: argparse.ArgumentParser, what: str) -> None:
    """``--node``: a part of the film."""
    parser.add_argument(
        "--node",
        metavar="NAME",
        default="",
        help=f"{what}: a node's path such as scene_01/shot_010, or its name",
    )


def find_node(graph: Graph, name: str) -> str:
    """The path of the node meant: its path, else its id or label if only one has it.

    Raises:
        GraphError: there is none, or there are several; names them.
    """
    if not name:
        return ""
    every = list(graph.walk())
    if any(path == name for path, _ in every):
        return name
    wanted = name.casefold()
    named = [path for path, node in every if wanted in _names(node)]
    if len(named) == 1:
        return named[0]
    if named:
        raise GraphError(
            f"{len(named)} nodes are called '{name}'.",
            remedy=f"Give the path of one: {', '.join(named[:8])}.",
        )
    near = difflib.get_close_matches(name, [path for path, _ in every], n=3)
    near = near or [
        path
        for path, node in every
        if difflib.SequenceMatcher(None, wanted, node.id.casefold()).ratio() > 0.7
    ]
    meant = " or ".join(f"'{path}'" for path in near[:3])
    raise GraphError(
        f"There is no node '{name}'.",
        remedy=f"Did you mean {meant}?" if near else "List the nodes: movie-director graph FILM",
    )


def _names(node: Node) -> set[str]:
    """What people call a node: its id, label, name, title or, of a shot, its number."""
    params = node.params
    names = [node.id, node.label, *(str(params.get(name, "")) for name in ("name", "title"))]
    if params.get("number"):
        names += [str(params["number"]), f"{node.type} {params['number']}"]
    return {name.casefold() for name in names if name}
