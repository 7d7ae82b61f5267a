"""Shows the figures of the chaos suite at the end, whether it passed or not."""

from __future__ import annotations

import pytest

#: Lines that a test has to show.
SHOWN = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SHOWN] = []


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
