"""How many frames and pixels a clip lacks, and which step made what it shows."""

from __future__ import annotations

import pytest
from movie_director.core.conforming import enlarged_by, frames_for_each, times_wanted
from movie_director.core.step import INTERPOLATION, UPSCALE


@pytest.mark.parametrize(
    ("own", "film", "times"),
    [
        (16, 24, 3), (12, 24, 2), (24, 24, 1), (25, 24, 1), (24, 25, 1), (64, 24, 1), (24, 30, 5),
        (16, 48, 3), (16, 30, 8), (16, 24000 / 1001, 8), (1, 60, 8), (0, 24, 1),
    ],
)  # fmt: skip
def test_frames_are_made_so_that_those_of_the_film_are_among_them(
    own: float, film: float, times: int
) -> None:
    assert frames_for_each(own, film) == times


@pytest.mark.parametrize(
    ("own", "film", "times"),
    [
        ((832, 480), (1280, 720), 1.5), ((1280, 720), (1920, 1080), 1.5), ((640, 360), (640, 360), 1.0),
        ((1280, 704), (1280, 720), 1.0), ((100, 100), (1000, 1000), 4.0),
        ((1920, 1080), (1280, 720), 1.0), ((480, 832), (1280, 720), 1.0),
    ],
)  # fmt: skip
def test_a_picture_is_enlarged_until_it_fills_the_film_and_no_further(
    own: tuple[int, int], film: tuple[int, int], times: float
) -> None:
    assert enlarged_by(own, film) == times


def test_only_a_clip_that_is_as_it_was_made_lacks_anything() -> None:
    facts = {"fps": 16.0, "width": 640, "height": 360}
    inputs = {"fps": 24.0, "size": [1280, 720]}
    assert times_wanted(INTERPOLATION, facts, inputs) == 1.0
    assert times_wanted(INTERPOLATION, {**facts, "as_made": True}, inputs) == 3.0
    assert times_wanted(UPSCALE, {**facts, "as_made": True}, inputs) == 2.0
