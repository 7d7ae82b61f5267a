# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the picture tests: small shots of the usual two people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from movie_director.executors._animatic.picture import Figure, Setting, ShotPicture, SpokenLine

MARA = Figure(name="Mara", identity="mara", description="woman, 30s, long dark hair, red coat")
TOM = Figure(name="Tom", identity="tom", description="old man with a white beard, blue coat")
KITCHEN = Setting(interior="INT", place="kitchen", time_of_day="day")


@pytest.fixture
def shot() -> Callable[..., ShotPicture]:
    """Makes a shot of Mara and Tom in a kitchen, with the given changes."""
    usual = ShotPicture(width=320, height=180, frames=24, figures=(MARA, TOM), setting=KITCHEN)

    def made(**changes: Any) -> ShotPicture:
        return replace(usual, **changes)

    return made


@pytest.fixture
def line() -> SpokenLine:
    """A second of Mara speaking, four mouths in it."""
    return SpokenLine(
        identity="mara",
        name="Mara",
        text="Where is he?",
        end_s=1.0,
        mouths=((0.0, "open"), (0.25, "closed"), (0.5, "round"), (0.75, "wide")),
    )
