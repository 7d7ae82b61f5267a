# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon a service has the first piece of work after Evaluate, and how soon a small one is done.

    python bench/start.py [--quick] [--json FILE]

A film whose shots a scripted ComfyUI makes is compiled, planned and started, as pressing Evaluate
does; the clock stops when the server has taken the first prompt.  Small films take turns with one
of 500 nodes.  Then one shot of a small film, from Evaluate to its file in the project.
"""

from __future__ import annotations

import os
import pathlib
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
runpy.run_path(str(ROOT / "tests" / "conftest.py"))

import films  # noqa: E402
from movie_director.core import service_file  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402
from movie_director.core.learning_file import Lessons  # noqa: E402
from movie_director.core.run import Run  # noqa: E402
from movie_director.core.store import Store  # noqa: E402
from movie_director.core.workflow_library import WorkflowLibrary  # noqa: E402
from movie_director.executors._comfyui.ways import Ways  # noqa: E402
from movie_director.executors._finding import OFF  # noqa: E402
from movie_director.studio import Studio  # noqa: E402
from verdict import asked, told  # noqa: E402

from tests import comfyui_films  # noqa: E402
from tests.servers.comfyui import ComfyServer  # noqa: E402
from tests.servers.comfyui_worker import Card  # noqa: E402

#: Acceptance rows 27 and 28, in seconds.
BEGUN_S, DONE_S = 3.0, 30.0
#: Seconds until it is given up.
_MOST_S = 60.0


def small() -> Graph:
    """One shot in a film of two."""
    shots = tuple(Node(id=id, type="shot", params={"duration": 1.0}) for id in ("one", "two"))
    ends = [
        ("one.shot", "film.shots"),
        ("two.shot", "film.shots"),
        ("film.sequence", "out.sequence"),
    ]
    return Graph(
        nodes=(*shots, Node(id="film", type="sequence"), Node(id="out", type="output")),
        links=tuple(_link(a, b) for a, b in ends),
    )


def large(nodes: int) -> Graph:
    """A film of so many nodes, and one shot beside it that waits for no line."""
    film = films.film(nodes)
    one = Node(id="first", type="shot", params={"duration": 1.0})
    return Graph(nodes=(*film.nodes, one), links=(*film.links, _link("first.shot", "film.shots")))


def by_comfyui(graph: Graph) -> Graph:
    """The same with every shot at the top made there."""
    backend = Node(id="there", type="backend", params={"service": "comfyui", "template": "sleepy"})
    shots = [node.id for node in graph.nodes if node.type == "shot"]
    links = tuple(_link("there.backend", f"{id}.backend") for id in shots)
    return Graph(nodes=(*graph.nodes, backend), links=(*graph.links, *links))


def _link(source: str, target: str) -> Link:
    (a, b), (c, d) = source.split("."), target.split(".")
    return Link(source=(a, b), target=(c, d))


class Desk:
    """A studio beside one scripted server."""

    def __init__(self, studio: Studio, server: ComfyServer, root: pathlib.Path) -> None:
        self.studio, self.server, self._root = studio, server, root
        self._rounds = 0

    def evaluate(self, graph: Graph, until: Callable[[Run, int], bool]) -> float:
        """Seconds from Evaluate until something is so, of the run and the prompts taken before."""
        self._rounds += 1
        before, folder = len(self.server.worker.ran), self._root / f"{self._rounds}"
        began = time.perf_counter()
        self.studio.refresh()
        store = self.studio.store(graph, folder)
        run = self.studio.run(self._plan(graph, store), store)
        run.start()
        while not until(run, before):
            assert time.perf_counter() - began < _MOST_S, "nothing happened"
            run.drain()
            run.wait(0.01)
        took = time.perf_counter() - began
        run.close()
        store.close()
        return took

    def _plan(self, graph: Graph, store: Store) -> object:
        return self.studio.plan(self.studio.compile(graph, self._root), store)

    def taken(self, run: Run, before: int) -> bool:
        """Whether the server has begun with a prompt of ours."""
        del run
        return len(self.server.worker.ran) > before


def shot_done(run: Run, before: int) -> bool:
    """Whether the first shot lies in the project."""
    del before
    return "one:clip" in run.result.artifacts


def measure(rounds: int) -> dict[str, float]:
    """Seconds: the 95th of a hundred until work is taken, and until one shot is done."""
    os.environ.pop(OFF, None)
    with (
        tempfile.TemporaryDirectory() as folder,
        ComfyServer("0.33.0", card=Card(budget_bytes=24 * 2**30)) as server,
        Studio.open(cores=1) as studio,
    ):
        for each in studio.executors.values():
            each.addresses = lambda: ()  # type: ignore[method-assign]
        comfyui = studio.executors["comfyui"]
        known = {"sleepy": comfyui_films.workflow(seconds=0.2)}
        comfyui._ways = Ways(WorkflowLibrary(workflows=known))  # type: ignore[attr-defined]
        studio.lessons = Lessons()
        service_file.change(lambda known: known.with_place(server.url))
        studio.finder.start()
        studio.refresh(5.0)
        desk = Desk(studio, server, pathlib.Path(folder))
        graphs = [by_comfyui(small()), by_comfyui(large(500))]
        took = {name: [] for name in ("small", "large")}
        for _ in range(rounds):
            for name, graph in zip(took, graphs, strict=True):
                took[name].append(desk.evaluate(graph, desk.taken))
        done = [desk.evaluate(graphs[0], shot_done) for _ in range(max(3, rounds // 5))]
    everything = sorted([*took["small"], *took["large"]])
    return {
        "rounds": len(everything),
        "small_s": round(statistics.median(took["small"]), 3),
        "500_nodes_s": round(statistics.median(took["large"]), 3),
        "begun_p95_s": round(everything[int(0.95 * (len(everything) - 1))], 3),
        "shot_done_s": round(statistics.median(done), 3),
    }


def main() -> int:
    """0 when both limits are kept."""
    options = asked("How soon a service has the first piece of work after Evaluate.")
    found = measure(5 if options.quick else 30)
    limits = {
        "Evaluate to the first work taken, p95, seconds": (found["begun_p95_s"], BEGUN_S),
        "Evaluate to one short shot done, seconds": (found["shot_done_s"], DONE_S),
    }
    return told(found, limits, options.json)


if __name__ == "__main__":
    sys.exit(main())
