# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the animatic is, how much memory it takes, how soon a changed line is seen.

    python bench/animatic.py [--quick] [--json FILE]

Everything counts: start-up, speech, pictures, sound, mix, assembly, files.  Ratios are
what is judged; seconds are for people and belong to the machine they were taken on.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from typing import Any

import av
import psutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from scripts import screenplay  # noqa: E402 - found beside this file
from verdict import asked, told  # noqa: E402

#: What is asked of it: seconds of work for a second of film (a quarter: four times realtime),
#: growth of memory, seconds until a changed line is heard and its shot seen.
ASKED = (0.25, 1.1, 2.0)
#: The same for the quick form, which runs beside other checks on a machine that may be busy:
#: start-up weighs more in a short film, and what it guards against is getting much slower.
GUARDED = (0.5, 1.25, 5.0)
SAMPLE_S = 0.05


class MemoryWatch(threading.Thread):
    """Owns the highest sum of resident bytes of a process and its children seen so far."""

    def __init__(self, pid: int) -> None:
        super().__init__(name="md-bench-memory", daemon=True)
        self.process = psutil.Process(pid)
        self.peak = 0
        self.children_peak = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_S):
            try:
                own = self.process.memory_info().rss
                rest = [child.memory_info().rss for child in self.process.children(recursive=True)]
            except psutil.Error:
                continue
            self.peak = max(self.peak, own + sum(rest))
            self.children_peak = max(self.children_peak, sum(rest))


def film(seconds: float, folder: pathlib.Path) -> dict[str, Any]:
    """Make a film of about ``seconds`` through the command line; what it took."""
    script = folder / "bench.fountain"
    script.write_text(screenplay(seconds), encoding="utf-8")
    out = folder / "film"
    words = ["film", str(script), "-o", str(out), "--resolution", "1280x720", "--fps", "24"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "movie_director", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    watch = MemoryWatch(process.pid)
    watch.start()
    first_shot = first_clip(out, began, process)
    _, complaint = process.communicate()
    wall = time.perf_counter() - began
    watch.ended.set()
    watch.join()
    if process.returncode:
        raise SystemExit(complaint.decode(errors="replace"))
    with av.open(str(out / "film.mp4")) as file:
        stream = file.streams.video[0]
        length = float(stream.duration * stream.time_base)
    return {
        "film_s": round(length, 2),
        "wall_s": round(wall, 2),
        "realtime": round(length / wall, 2),
        "first_shot_s": round(first_shot, 2),
        "peak_mib": round(watch.peak / 2**20),
        "helpers_peak_mib": round(watch.children_peak / 2**20),
        "folder": str(out),
    }


def first_clip(out: pathlib.Path, began: float, process: subprocess.Popen[bytes]) -> float:
    """Seconds until the first shot could be watched."""
    while process.poll() is None:
        if any(out.glob("*/*/clip_t*.mp4")):
            return time.perf_counter() - began
        time.sleep(0.02)
    return time.perf_counter() - began


def changed_line(folder: pathlib.Path) -> dict[str, Any]:
    """Change one line of a finished film; when is it heard, and when is its shot seen?"""
    from movie_director import api

    graph = api.read(folder / "bench.fountain")
    api.evaluate(graph, folder / "changed")
    film = api.edit(graph)
    line = next(path for path, node in graph.walk() if node.type == "dialogue")
    began = time.perf_counter()
    film.set(line, line="That is not at all what I said to you, and you know it.")
    seen: dict[str, float] = {}

    def listen(change: api.Change) -> None:
        if change.artifact is not None and change.state.value == "cooked":
            seen.setdefault(change.step.rpartition(":")[2], time.perf_counter() - began)

    result = api.evaluate(film.graph, folder / "changed", on_change=listen)
    return {
        "heard_s": round(seen["speech"], 2),
        "seen_s": round(seen["clip"], 2),
        "all_s": round(time.perf_counter() - began, 2),
        "made": result.made,
        "kept": result.cached,
    }


def measure(quick: bool) -> dict[str, Any]:
    """Every figure; with ``quick``, of shorter films."""
    short, long = (20.0, 100.0) if quick else (60.0, 600.0)
    with tempfile.TemporaryDirectory(prefix="md-bench-") as name:
        folder = pathlib.Path(name)
        films = []
        for index, seconds in enumerate((short, long)):
            own = folder / str(index)
            own.mkdir()
            films.append(film(seconds, own))
        changed = changed_line(folder / "0")
    for one in films:
        del one["folder"]
    return {
        "quick": quick,
        "cores": os.cpu_count(),
        "short": films[0],
        "long": films[1],
        "memory_growth": round(films[1]["peak_mib"] / films[0]["peak_mib"], 3),
        "changed_line": changed,
    }


def limits(found: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """What was found and what it must stay below, by name."""
    work, growth, seen = GUARDED if found["quick"] else ASKED
    changed = found["changed_line"]
    return {
        "work for a second of film, seconds": (round(1 / found["long"]["realtime"], 3), work),
        "memory of the long film over the short": (found["memory_growth"], growth),
        "a changed line heard, its shot seen, seconds": (
            max(changed["heard_s"], changed["seen_s"]), seen),
    }  # fmt: skip


def main() -> int:
    """Measure and tell; 1 when something asked for was not reached."""
    given = asked("Measure the animatic.")
    found = measure(given.quick)
    return told(found, limits(found), given.json)


if __name__ == "__main__":
    sys.exit(main())
