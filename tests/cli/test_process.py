"""The command as a process: exit codes, streams, signals, and life without Blender's module."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTANT = str(ROOT / "tests" / "instant.py")
SCRIPT = """Title: Two Cups

INT. KITCHEN - DAY

Anna puts down two cups.

ANNA
He is not coming.

EXT. STREET - NIGHT

A man walks away in the rain.
"""
#: Seconds a process may take on a busy machine before the test gives up.
PATIENCE_S = 60.0


@pytest.fixture
def here(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "cups.fountain").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def call(
    here: pathlib.Path, *words: str, program: str = INSTANT, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, program, *words],
        cwd=here,
        env=environment(env),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )


def environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8", **more}


def begun(log: pathlib.Path) -> list[str]:
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def wait_until_begun(log: pathlib.Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(begun(log)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, begun(log)
        time.sleep(0.02)


@contextmanager
def under_way(here: pathlib.Path, seconds: float, begun: int) -> Iterator[subprocess.Popen[str]]:
    """A film being made: each step takes ``seconds``, and ``begun`` of them have begun."""
    process = subprocess.Popen(
        [sys.executable, INSTANT, "evaluate", "cups.fountain", "-o", "out", "--json"],
        cwd=here,
        env=environment({"INSTANT_SECONDS": str(seconds), "INSTANT_LOG": str(here / "first.log")}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        wait_until_begun(here / "first.log", begun, process)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def slow(here: pathlib.Path) -> Iterator[subprocess.Popen[str]]:
    """A film under way of which something is finished already."""
    with under_way(here, 0.3, 3) as process:
        yield process


@pytest.fixture
def endless(here: pathlib.Path) -> Iterator[subprocess.Popen[str]]:
    """A film that is under way for as long as any test looks."""
    with under_way(here, 10 * PATIENCE_S, 1) as process:
        yield process


def leftovers(folder: pathlib.Path) -> list[str]:
    """Temporary files that a stopped run must not leave."""
    own = folder / ".movie-director"
    stray = [path for path in own.rglob("*") if path.parent.name == "tickets"]
    stray += [path for path in folder.rglob("*") if path.suffix in (".part", ".new", ".tmp")]
    stray += own.glob("lock*")
    return sorted(str(path) for path in stray)


def test_json_is_alone_on_standard_output(here: pathlib.Path, no_blender: str) -> None:
    done = call(here, "film", "cups.fountain", "-o", "out", "--json", program=no_blender)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "done"
    assert "first shot ready after" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 0),
        (["graph", "cups.fountain"], 0),
        (["graph", "gone.fountain"], 2),
        (["filmm"], 2),
        ([], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_exit_codes_are_as_the_help_says(here: pathlib.Path, words: list[str], code: int) -> None:
    done = call(here, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_a_failed_step_is_exit_code_one(here: pathlib.Path) -> None:
    done = call(here, "evaluate", "cups.fountain", INSTANT_FAIL="music")
    assert done.returncode == 1
    assert "It broke." in done.stderr


def test_python_dash_m_is_the_same_program(here: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import runpy; runpy.run_module('movie_director', alter_sys=True, "
         "run_name='__main__')", "--version"],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment({"PYTHONPATH": ""}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("movie-director ")


def test_a_closed_pipe_ends_the_command_without_a_trace(here: pathlib.Path) -> None:
    process = subprocess.Popen(
        [sys.executable, INSTANT, "graph", "cups.fountain", "--json"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(PATIENCE_S) in (0, 1)
    assert "Traceback" not in said
    assert "Exception" not in said
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for other processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_an_interrupted_run_leaves_nothing_half_done_and_goes_on_later(
    here: pathlib.Path, slow: subprocess.Popen[str], number: signal.Signals
) -> None:
    slow.send_signal(number)
    out, err = slow.communicate(timeout=PATIENCE_S)
    assert slow.returncode == 130, err
    assert json.loads(out)["state"] == "interrupted"
    assert "The same command again goes on" in err
    assert leftovers(here / "out") == []
    whole = len(call_plan(here))
    again = here / "again.log"
    done = call(here, "evaluate", "cups.fountain", "-o", "out", INSTANT_LOG=str(again))
    assert done.returncode == 0, done.stderr
    assert 0 < len(begun(again)) <= whole
    assert (here / "out" / "film.mp4").is_file()


def call_plan(here: pathlib.Path) -> list[str]:
    """Steps still to do."""
    done = call(here, "plan", "cups.fountain", "-o", "out", "--json")
    return [step["id"] for stage in json.loads(done.stdout)["stages"] for step in stage["steps"]]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for other processes")
def test_finished_steps_are_not_done_again_after_a_kill(
    here: pathlib.Path, slow: subprocess.Popen[str]
) -> None:
    slow.kill()
    slow.communicate()
    finished = {
        json.loads(path.read_text(encoding="utf-8"))["step"]
        for path in (here / "out").rglob("*_t001.*.json")
    }
    log = here / "again.log"
    done = call(here, "evaluate", "cups.fountain", "-o", "out", INSTANT_LOG=str(log))
    assert done.returncode == 0, done.stderr
    assert finished.isdisjoint(begun(log))
    assert leftovers(here / "out") == []


def test_a_second_evaluation_at_a_time_is_told_who_holds_the_project(
    here: pathlib.Path, endless: subprocess.Popen[str]
) -> None:
    done = call(here, "evaluate", "cups.fountain", "-o", "out")
    assert done.returncode == 3, done.stderr
    assert f"process {endless.pid} on " in done.stderr
    assert endless.poll() is None


WITHOUT_BLENDER = """
import runpy, sys
sys.modules["bpy"] = None
sys.argv[0] = {instant!r}
runpy.run_path({instant!r}, run_name="__main__")
"""


@pytest.fixture
def no_blender(tmp_path: pathlib.Path) -> str:
    """The command on a machine without Blender's module."""
    program = tmp_path / "without_blender.py"
    program.write_text(WITHOUT_BLENDER.format(instant=INSTANT), encoding="utf-8")
    return str(program)


def test_without_blender_a_film_is_everything_but_the_blend(
    here: pathlib.Path, no_blender: str
) -> None:
    done = call(here, "film", "cups.fountain", "-o", "out", program=no_blender)
    assert done.returncode == 0, done.stderr
    assert "film.blend is left out" in done.stderr
    assert "pip install" in done.stderr
    there = {path.name for path in (here / "out").iterdir()}
    assert {"film.mp4", "film.otio", "film.srt", "storyboard.pdf"} <= there


@pytest.mark.parametrize("verb", ["graph", "plan", "evaluate"])
def test_without_blender_a_blend_is_refused_with_the_command_that_helps(
    here: pathlib.Path, no_blender: str, verb: str
) -> None:
    (here / "film.blend").write_bytes(b"BLENDER-v405")
    done = call(here, verb, "film.blend", program=no_blender)
    assert done.returncode == 1
    assert done.stdout == ""
    assert 'pip install "movie-director[blender]"' in done.stderr
    assert "Traceback" not in done.stderr
