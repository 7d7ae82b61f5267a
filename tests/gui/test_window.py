"""Every scenario of this folder, played in a real Blender window by ``tools/window-test``."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests" / "gui"
SCENARIOS = sorted(
    path.stem
    for path in HERE.glob("*.py")
    if "\ndef scenario(stage" in path.read_text(encoding="utf-8")
)


def why_no_window() -> str:
    """What this machine lacks for a window test, or "" when it has what it takes."""
    if os.environ.get("BLENDER"):
        return ""
    if not sys.platform.startswith("linux"):
        return "say which Blender to use: make test-window BLENDER=/path/to/blender"
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        return (
            "a Blender of its own needs root and debootstrap; "
            "or say which to use: make test-window BLENDER=/path/to/blender"
        )
    return ""


@pytest.mark.window
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_scenario_plays_in_a_real_window(scenario: str) -> None:
    missing = why_no_window()
    if missing and os.environ.get("CI") != "true":
        pytest.skip(missing)
    assert not missing, missing
    command = [sys.executable, str(ROOT / "tools" / "window-test"), scenario]
    played = subprocess.run(command, capture_output=True, text=True, timeout=1700)
    assert played.returncode == 0, played.stdout + played.stderr
