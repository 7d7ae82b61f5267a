# SPDX-License-Identifier: GPL-3.0-or-later
"""What an executor costs beside the bare questions to its server.

    python bench/services.py [--quick] [--json FILE]

Many prompts that take 20 ms each go to a scripted ComfyUI (a process of its own, real sockets),
once in a bare loop (send, hear the end on the socket, ask the history, fetch the file) and once
through the executor as a run does it: journal, workflow filled, task written down, followed,
fetched, checked.  Bringing the file into the film's form is encoding, which ``bench/animatic.py``
measures; it is left out here.  Rounds alternate, and the medians of their times are compared.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import requests
import websocket

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
runpy.run_path(str(ROOT / "tests" / "conftest.py"))

from movie_director.core.executor import (  # noqa: E402
    CancelFlag,
    Event,
    Finished,
)
from movie_director.core.journal import Journal  # noqa: E402
from movie_director.core.step import Service  # noqa: E402
from movie_director.executors._animatic.pool import Pool  # noqa: E402
from movie_director.executors.comfyui import ComfyUI  # noqa: E402
from verdict import asked, told  # noqa: E402

from tests import comfyui_films as films  # noqa: E402

#: Seconds of the server's own work for each prompt.
WORK_S = 0.02
OVERHEAD = 1.05
#: The quick form has few rounds, on machines where much else goes on.
GUARD = 1.2
SERVER = """
import runpy, sys, time
sys.path.insert(0, {root!r})
runpy.run_path({conftest!r})
from tests.servers.comfyui import ComfyServer
with ComfyServer("0.33.0") as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


class Untouched(Pool):
    """Takes a file as it is: no encoding."""

    def do(self, kind: Any, inputs: Any, folder: Any, *rest: Any) -> dict[str, Any]:
        del kind, rest
        path = folder / "clip.mp4"
        pathlib.Path(inputs["media"]["path"]).rename(path)
        return {"done": {"path": str(path), "facts": {}, "recipe": {}}}


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """A scripted server in its own process; its address."""
    text = SERVER.format(root=str(ROOT), conftest=str(ROOT / "tests" / "conftest.py"))
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("")


def bare(url: str, root: pathlib.Path) -> Callable[[], None]:
    """One prompt with nothing around it, over connections that are kept."""
    session, client = requests.Session(), uuid.uuid4().hex
    line = websocket.create_connection(f"{url.replace('http', 'ws')}/ws?clientId={client}")

    def once() -> None:
        id = str(uuid.uuid4())
        body = {"prompt": films.prompt(WORK_S, salt=id), "prompt_id": id, "client_id": client}
        session.post(f"{url}/prompt", json=body).raise_for_status()
        while True:
            message = line.recv()
            if isinstance(message, str):
                said = json.loads(message)
                if said["type"] == "executing" and said["data"]["node"] is None:
                    break
        entry = session.get(f"{url}/history/{id}").json()[id]
        (file,) = entry["outputs"]["2"]["images"]
        (root / f"{id}.mp4").write_bytes(session.get(f"{url}/view", params=file).content)

    return once


def through(executor: ComfyUI, service: Service, root: pathlib.Path) -> Callable[[], None]:
    """One prompt as a run does it, the journal with it."""
    journal = Journal(root / "journal.db")
    numbers = iter(range(1, 10**9))

    def once() -> None:
        step = films.shot(next(numbers))
        work, paper = films.placed(step, service), films.ticket(step, root)
        said: list[Event] = []
        journal.sent(paper, work)
        executor.run(work, paper, said.append, CancelFlag())
        assert isinstance(said[-1], Finished), said[-1]
        journal.ended(paper.id, "finished", seconds=said[-1].seconds)

    return once


def measure(rounds: int, prompts: int) -> dict[str, float]:
    """Milliseconds for each prompt both ways, and their ratio."""
    executor = films.executor(workflows={"sleepy": films.workflow(seconds=WORK_S)})
    executor._pool = Untouched()
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        service = executor.identify(url)
        assert service is not None
        ways = {
            "bare": bare(url, pathlib.Path(folder)),
            "executor": through(executor, service, pathlib.Path(folder)),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for once in ways.values():
            once()
        for number in range(rounds):
            for name in sorted(ways, reverse=bool(number % 2)):
                began = time.perf_counter()
                for _ in range(prompts):
                    ways[name]()
                took[name].append((time.perf_counter() - began) / prompts * 1000)
        executor.close()
    medians = {f"{name}_ms": round(statistics.median(each), 3) for name, each in took.items()}
    return {**medians, "ratio": round(medians["executor_ms"] / medians["bare_ms"], 4)}


def main() -> int:
    """0 when the overhead is below its limit."""
    options = asked("What an executor costs beside the bare questions to its server.")
    found = measure(*((6, 20) if options.quick else (20, 50)))
    limit = OVERHEAD * (GUARD if options.quick else 1.0)
    results = {"work_ms": WORK_S * 1000, **found}
    return told(results, {"executor over bare loop": (found["ratio"], limit)}, options.json)


if __name__ == "__main__":
    sys.exit(main())
