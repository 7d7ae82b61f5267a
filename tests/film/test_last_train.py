"""The example becomes a film in one command, the same film every time, and only what changed is made."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from movie_director import api
from movie_director.core.digest import file_digest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import film_check

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "examples" / "last_train.fountain"
MEDIA = {".mp4", ".wav", ".otio", ".srt", ".pdf"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def made(folder: pathlib.Path) -> dict[str, str]:
    """The digest of everything that was made, by its place."""
    return {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in MEDIA and ".movie-director" not in path.parts
    }


def evaluated(graph: api.Graph, folder: pathlib.Path) -> tuple[api.Result, set[str]]:
    """The result, and the steps that were done for it."""
    done: set[str] = set()

    def listen(change: api.Change) -> None:
        if change.state is api.NodeState.COOKED:
            done.add(change.step)

    result = api.evaluate(graph, folder, on_change=listen)
    assert result.ok, result.errors
    return result, done


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[pathlib.Path]:
    """The results of the one command."""
    out = tmp_path_factory.mktemp("film") / "last_train"
    words = ["film", str(SCRIPT), "-o", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "movie_director", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    yield out
    shutil.rmtree(out)


def test_the_film_is_what_its_edit_list_says(folder) -> None:
    report = film_check.check(folder)
    assert report.problems == []
    assert report.measured["cuts_seen"] >= 5
    assert report.measured["lines"] >= 5


def test_every_file_a_filmmaker_is_promised_is_there(folder) -> None:
    there = {path.name for path in folder.iterdir()}
    assert {"film.mp4", "film.otio", "film.srt", "storyboard.pdf", "plan.txt"} <= there


def killed_half_way(folder: pathlib.Path, after: int) -> None:
    """Evaluate in a process, one of its helpers killed early on, and itself after ``after`` files."""
    words = ["evaluate", str(SCRIPT), "-o", str(folder)]
    run = subprocess.Popen(
        [sys.executable, "-m", "movie_director", *words],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    try:
        wanted = 1
        while wanted <= after:
            if len(made(folder)) >= wanted:
                if wanted == 1:
                    psutil.Process(run.pid).children()[0].kill()
                wanted += 1
            assert run.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline, made(folder)
            time.sleep(0.02)
        helpers = psutil.Process(run.pid).children()
    finally:
        run.kill()
        run.wait()
    _, alive = psutil.wait_procs(helpers, timeout=30)
    assert alive == []


def test_deleted_killed_half_way_and_evaluated_again_the_same_bytes_come_back(folder) -> None:
    before = made(folder)
    for name in before:
        (folder / name).unlink()
    killed_half_way(folder, after=8)
    kept = made(folder)
    assert len(kept) >= 8
    result, done = evaluated(api.read(SCRIPT), folder)
    lying = {result.artifacts[id].path for id in result.artifacts.keys() - done}
    # Files in the folder itself are other names of takes.
    assert {folder / name for name in kept if "/" in name} <= lying
    assert len(done) > 10
    assert made(folder) == before
    own = {path.name for path in (folder / ".movie-director").iterdir()}
    assert own == {"index.sqlite", "journal.sqlite"}


def test_one_changed_line_makes_again_what_depends_on_it_and_nothing_else(folder) -> None:
    graph = api.read(SCRIPT)
    evaluated(graph, folder)
    film = api.edit(graph)
    line = next(
        path for path, node in graph.walk() if node.params.get("line", "").startswith("Somebody")
    )
    film.set(line, line="Somebody did notice.")
    planned = {placed.step.id for placed in api.plan(film.graph, folder).to_do}
    _, done = evaluated(film.graph, folder)
    assert done == planned
    kinds = sorted(step.rpartition(":")[2] for step in done)
    expected = ["ambience", "clip", "cut", "film", "mix", "music", "otio", "speech"]
    assert kinds == [*expected, "storyboard", "subtitles"]
    assert f"{line}:speech" in done
