# SPDX-License-Identifier: GPL-3.0-or-later
"""From a screenplay to a graph, and from a graph to Blender's tree, as it grows.

    python bench/tree.py [--quick] [--json FILE]

Seconds are this process's own (CPU).  Growth is judged as a ratio: what a page costs
in the long screenplay over what it costs in the short one.  Without Blender's module
the second half is left out, and the results say so.
"""

from __future__ import annotations

import importlib
import importlib.util
import pathlib
import runpy
import sys
import time
from collections.abc import Callable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
runpy.run_path(str(ROOT / "tests" / "conftest.py"))

from movie_director.core.graph import Graph  # noqa: E402 - found beside this file
from movie_director.screenplay import read, to_graph  # noqa: E402
from scripts import SCENE_S, screenplay  # noqa: E402
from verdict import asked, told  # noqa: E402

#: What is asked of it: seconds for 120 pages, and growth of the cost of a page.
GRAPH_WITHIN_S, TREE_WITHIN_S, GROWS_LESS_THAN = 2.0, 10.0, 1.6
#: A page is about a minute of film.
LONG, SHORT = 120, 30
PAGE_S = 60.0


def least(repeat: int, work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of several goes."""
    took = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def script_to_graph(repeat: int) -> dict[str, Any]:
    """Read and break down a short and a long screenplay."""
    texts = {pages: screenplay(pages * PAGE_S) for pages in (SHORT, LONG)}
    seconds = {
        pages: least(repeat, lambda text=text: to_graph(read(text)))  # type: ignore[misc]
        for pages, text in texts.items()
    }
    return _grown(seconds) | {"scenes": round(LONG * PAGE_S / SCENE_S)}


def graph_to_tree(repeat: int) -> dict[str, Any]:
    """Write the same films as Blender trees."""
    blender = importlib.import_module("bpy")
    rooms = importlib.import_module("movie_director.md_nodes")
    rooms.register()
    try:
        graphs = {pages: to_graph(read(screenplay(pages * PAGE_S))) for pages in (SHORT, LONG)}
        seconds = {
            pages: least(repeat, lambda graph=graph: _written(rooms, blender, graph))  # type: ignore[misc]
            for pages, graph in graphs.items()
        }
    finally:
        # Blender's module cannot end with our classes still there.
        rooms.unregister()
    nodes = sum(1 for _ in graphs[LONG].walk())
    return _grown(seconds) | {"nodes": nodes, "blender": blender.app.version_string}


def _written(rooms: Any, blender: Any, graph: Graph) -> None:
    rooms.write_tree(graph, "Benchmark")
    blender.data.batch_remove(list(blender.data.node_groups))


def _grown(seconds: dict[int, float]) -> dict[str, Any]:
    growth = (seconds[LONG] / LONG) / (seconds[SHORT] / SHORT)
    return {
        "short_s": round(seconds[SHORT], 3),
        "long_s": round(seconds[LONG], 3),
        "growth": round(growth, 3),
    }


def main() -> int:
    """0 when every limit is kept."""
    options = asked("Measure the way from a script to a tree.")
    repeat = 2 if options.quick else 5
    found = script_to_graph(repeat)
    results: dict[str, Any] = {"script_to_graph": found}
    checks = {
        "120 pages to a graph, seconds": (found["long_s"], GRAPH_WITHIN_S),
        "cost of a page, long script over short": (found["growth"], GROWS_LESS_THAN),
    }
    if importlib.util.find_spec("bpy") is None:
        results["graph_to_tree"] = "left out: Blender's module is not installed"
    else:
        found = results["graph_to_tree"] = graph_to_tree(repeat)
        checks["120 pages to a tree, seconds"] = (found["long_s"], TREE_WITHIN_S)
        checks["cost of a page in the tree, long over short"] = (found["growth"], GROWS_LESS_THAN)
    return told(results, checks, options.json)


if __name__ == "__main__":
    sys.exit(main())
