"""Killed at any moment, an evaluation goes on where it was: nothing twice, nothing left over."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes import files_in

SCRIPT = Path(__file__).with_name("evaluate_film.py")
SHOTS = 12


def begin(folder: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), str(SHOTS), str(seconds)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def results(folder: Path) -> dict[str, bytes]:
    """What was made, without what says when."""
    return {name: data for name, data in files_in(folder).items() if not _is_sidecar(name)}


def _is_sidecar(name: str) -> bool:
    return name.endswith((".wav.json", ".mp4.json", ".json.json"))


def kill_once_begun(process: subprocess.Popen[str], folder: Path, after: int, pause: float) -> None:
    """Kill the process ``pause`` seconds after it has made ``after`` files."""
    deadline = time.monotonic() + 30
    while len(results(folder)) < after and process.poll() is None:
        assert time.monotonic() < deadline, "it never began"
        time.sleep(0.002)
    time.sleep(pause)
    process.kill()
    process.communicate()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as only POSIX can")
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_evaluation_is_completed_without_repeating_a_step(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "film"
    whole = begin(tmp_path / "whole", 0)
    said, _ = whole.communicate(timeout=60)
    assert len(said.split()) == SHOTS * 2 + 3
    for _ in range(3):
        before = results(folder)
        kill_once_begun(
            begin(folder, 0.01), folder, len(before) + chance.randrange(8), chance.random() / 50
        )
        assert all(results(folder)[name] == data for name, data in before.items())
    kept = results(folder)
    last = begin(folder, 0)
    said, _ = last.communicate(timeout=60)
    assert last.returncode == 0
    # Three kills may each have lost what two slots were doing; what lies there is not redone.
    assert len(said.split()) + len(kept) == len(results(folder)) - len(
        {"film.mp4"} & (results(folder).keys() - kept.keys())
    )
    assert results(folder) == results(tmp_path / "whole")
    assert sorted(path.name for path in (folder / ".movie-director").iterdir()) == [
        "index.sqlite", "journal.sqlite",
    ]  # fmt: skip
    assert [name for name in files_in(folder) if _is_sidecar(name)] == [
        name for name in files_in(tmp_path / "whole") if _is_sidecar(name)
    ]
