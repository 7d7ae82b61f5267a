# SPDX-License-Identifier: GPL-3.0-or-later
"""How the engine grows: compile, plan, evaluate again, and events taken in one tick.

    python bench/engine.py [--quick] [--json FILE]

The work of services is left out: a fake executor writes a few bytes.  Seconds are this
process's own (CPU), so that a busy machine says the same; growth is judged as a ratio:
what one node costs in the large film over what it costs in the small one.
"""

from __future__ import annotations

import pathlib
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
runpy.run_path(str(ROOT / "tests" / "conftest.py"))

from films import film  # noqa: E402 - found beside this file
from movie_director.core.compile import Files, Program, compile_graph  # noqa: E402
from movie_director.core.executor import Finished, Progressed  # noqa: E402
from movie_director.core.graph import Graph  # noqa: E402
from movie_director.core.happenings import Send  # noqa: E402
from movie_director.core.plan import Plan, plan  # noqa: E402
from movie_director.core.run import Run  # noqa: E402
from movie_director.core.schedule import advance, begin  # noqa: E402
from movie_director.core.store import Store  # noqa: E402
from movie_director.node_types import catalogue  # noqa: E402
from verdict import asked, told  # noqa: E402

from tests.fakes import FakeExecutor, finish  # noqa: E402

#: What is asked of it.  Seconds for 10,000 nodes; seconds to find 500 nodes unchanged;
#: growth of the cost of a node (of an event) between the small film and the large one.
PLANNED_WITHIN_S, AGAIN_WITHIN_S, GROWS_LESS_THAN = 1.0, 0.3, 1.6
#: Seconds in the quick form, which guards against slips on machines of any speed.
GUARD_S = 2.0
LARGE, SMALL, USUAL = 10_000, 2_500, 500
FAKE = FakeExecutor(name="animatic", slots=2)


def compiled(graph: Graph) -> Program:
    """The film's steps, with the real node types."""
    return compile_graph(graph, catalogue(), offer=FAKE.offer, files=Files(ROOT))


def planned(program: Program, store: Store) -> Plan:
    """What is to do in the store's folder."""
    return plan(
        program,
        devices=FAKE.devices(),
        services=FAKE.services(),
        refuse=FAKE.refuse,
        find=store.find,
    )


def least(repeat: int, work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of several goes."""
    took = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def growth(repeat: int) -> dict[str, Any]:
    """Compile and plan a small and a large film in turns, nothing made yet."""
    films = {"small": film(SMALL), "large": film(LARGE)}
    programs = {name: compiled(graph) for name, graph in films.items()}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in films}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(pathlib.Path(folder))
        # In turns: what slows the machine for a while then slows both.
        for _ in range(repeat):
            for name, graph in films.items():
                compile_s = least(1, lambda graph=graph: compiled(graph))  # type: ignore[misc]
                plan_s = least(1, lambda name=name: planned(programs[name], store))  # type: ignore[misc]
                took[name].append((compile_s, plan_s))
    found: dict[str, Any] = {}
    per_node = {}
    for name, graph in films.items():
        nodes = sum(1 for _ in graph.walk())
        compile_s, plan_s = (min(column) for column in zip(*took[name], strict=True))
        per_node[name] = (compile_s + plan_s) / nodes
        found[name] = {
            "nodes": nodes, "steps": len(programs[name].steps),
            "compile_s": round(compile_s, 3), "plan_s": round(plan_s, 3),
        }  # fmt: skip
    found["s_for_10000"] = round(per_node["large"] * 10_000, 3)
    found["growth"] = round(per_node["large"] / per_node["small"], 2)
    return found


def again(size: int, repeat: int) -> dict[str, Any]:
    """Evaluate an unchanged film: compile, plan and run, with everything there and loaded."""
    graph = film(size)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(pathlib.Path(folder) / "film")
        first = time.perf_counter()
        evaluate(compiled(graph), store)
        first = time.perf_counter() - first
        done = len(FAKE.done)
        took = []
        for _ in range(repeat):
            began = time.perf_counter()
            evaluate(compiled(graph), store)
            took.append(time.perf_counter() - began)
        ran = len(FAKE.done) - done
        reopened = least(1, lambda: evaluate(compiled(graph), Store(store.root)))
    return {
        "nodes": sum(1 for _ in graph.walk()), "steps_run": ran,
        "first_s": round(first, 3), "again_s": round(min(took), 3),
        "reopened_s": round(reopened, 3), "first_over_again": round(first / min(took), 1),
    }  # fmt: skip


def evaluate(program: Program, store: Store) -> None:
    """Plan and run to the end."""
    run = Run(planned(program, store), {FAKE.name: FAKE}, store)
    run.start()
    finish(run, timeout=300)
    run.close()


def events(repeat: int) -> dict[str, Any]:
    """Microseconds the schedule needs for one event, in a small and in a large run."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(pathlib.Path(folder))
        for name, size in (("small", SMALL), ("large", LARGE)):
            planned_film = planned(compiled(film(size)), store)
            costs = [_cost_of_an_event(planned_film) for _ in range(repeat)]
            found[f"{name}_us"] = round(min(costs) * 1e6, 2)
    found["growth"] = round(found["large_us"] / found["small_us"], 2)
    return found


def _cost_of_an_event(film_plan: Plan) -> float:
    slots = {service.id: service.slots for service in film_plan.services.values()}
    state, commands = begin(film_plan.stages, slots)
    count = 0
    began = time.process_time()
    while not state.done:
        sent = [command.placed.step.id for command in commands if isinstance(command, Send)]
        commands = []
        for id in sent:
            for event in (Progressed(step=id, fraction=0.5), Finished(step=id)):
                state, answer = advance(state, event, now=0.0)
                commands.extend(answer)
                count += 1
    return (time.process_time() - began) / count


def tick(messages: int) -> dict[str, Any]:
    """One ``drain`` with much to hear: how long beyond its budget it may take."""
    budget_s = 0.005
    with tempfile.TemporaryDirectory() as folder:
        store = Store(pathlib.Path(folder) / "film")
        program = compiled(film(messages))
        run = Run(planned(program, store), {FAKE.name: FAKE}, store)
        run.start()
        took = []
        while not run.done:
            began = time.perf_counter()
            run.drain(budget_s)
            took.append(time.perf_counter() - began)
            run.wait(0.01)
        run.close()
    ordered = sorted(took)
    return {
        "budget_ms": budget_s * 1e3, "ticks": len(took),
        "median_ms": round(statistics.median(took) * 1e3, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1e3, 2),
    }  # fmt: skip


def main() -> int:
    """0 when every limit is kept."""
    options = asked("Measure the engine.")
    repeat = 3 if options.quick else 5
    planned_within_s = GUARD_S if options.quick else PLANNED_WITHIN_S
    results = {
        "compile_and_plan": growth(repeat),
        "again": again(USUAL, repeat + 1),
        "events": events(repeat),
        "tick": tick(200 if options.quick else 2000),
    }
    checks = {
        "10,000 nodes planned, seconds": (
            results["compile_and_plan"]["s_for_10000"], planned_within_s),
        "cost of a node, large film over small": (
            results["compile_and_plan"]["growth"], GROWS_LESS_THAN),
        "500 unchanged nodes, seconds": (results["again"]["again_s"], AGAIN_WITHIN_S),
        "steps run for an unchanged film": (results["again"]["steps_run"], 0.5),
        "cost of an event, large run over small": (results["events"]["growth"], GROWS_LESS_THAN),
    }  # fmt: skip
    return told(results, checks, options.json)


if __name__ == "__main__":
    sys.exit(main())
