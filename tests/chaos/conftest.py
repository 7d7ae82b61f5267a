"""Has the executors look often, and shows the figures of the suite at the end, passed or not."""

from __future__ import annotations

import pytest
from movie_director.executors import ace_step
from movie_director.executors._gradio import served as gradio_served
from movie_director.executors._service import bearing, errand
from movie_director.executors._wan2gp import desk, following

#: Lines that a test has to show.
SHOWN = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SHOWN] = []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at work that takes a moment come every moment."""
    monkeypatch.setattr(following, "POLL_S", 0.01)
    monkeypatch.setattr(following, "BUSY_S", 0.02)
    monkeypatch.setattr(desk, "GATHER_S", 0.05)
    monkeypatch.setattr(ace_step, "POLL_S", 0.01)
    monkeypatch.setattr(bearing, "AGAIN_S", 0.02)
    monkeypatch.setattr(errand, "_PAUSES", (0.01, 0.02))
    monkeypatch.setattr(gradio_served, "POLL_S", 0.02)
    monkeypatch.setattr(gradio_served, "_SUPPOSED_S", 0.5)


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> list[str]:
    """Lines added here are shown at the end."""
    return request.config.stash[SHOWN]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(SHOWN, [])
    if lines:
        terminalreporter.section("chaos")
        for line in lines:
            terminalreporter.write_line(line)
