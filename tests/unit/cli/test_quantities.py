"""Quantities as people write them."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest
from movie_director.cli.quantities import duration, frames_per_second, memory, resolution, size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("8GiB", 2**33),
        ("512MiB", 2**29),
        ("24GB", 24 * 10**9),
        ("1.5 gib", 3 * 2**29),
        ("4g", 2**32),
    ],
)
def test_memory_is_read_with_its_unit(text: str, count: int) -> None:
    assert memory(text) == count


@pytest.mark.parametrize(
    ("text", "pixels"),
    [("1280x720", (1280, 720)), ("1080p", (1920, 1080)), ("4K", (3840, 2160)), ("64X64", (64, 64))],
)
def test_a_resolution_is_width_by_height_or_a_name(text: str, pixels: tuple[int, int]) -> None:
    assert resolution(text) == pixels


@pytest.mark.parametrize(
    ("text", "rate"), [("24", 24.0), ("23.976", 23.976), ("30000/1001", 30000 / 1001)]
)
def test_a_frame_rate_is_a_number_or_a_fraction(text: str, rate: float) -> None:
    assert frames_per_second(text) == rate


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (memory, "lots", "write 8GiB"),
        (memory, "0", "write 8GiB"),
        (memory, "8 bananas", "write 8GiB"),
        (memory, "-1GiB", "write 8GiB"),
        (resolution, "big", "such as 1280x720"),
        (resolution, "1280", "such as 1280x720"),
        (resolution, "0x720", "out of range"),
        (resolution, "99999x720", "out of range"),
        (frames_per_second, "fast", "24000/1001"),
        (frames_per_second, "1/0", "24000/1001"),
        (frames_per_second, "0", "out of range"),
        (frames_per_second, "nan", "24000/1001"),
        (frames_per_second, "1000", "out of range"),
    ],
)
def test_what_is_no_quantity_is_refused_with_an_example(
    read: Callable[[str], object], text: str, said: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1:00"),
        (3723, "1:02:03"),
    ],
)
def test_a_duration_is_as_short_as_it_can_be_read(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1400, "1.4 kB"),
        (123_456_789, "123 MB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_a_size_is_told_in_decimal_units(count: int, text: str) -> None:
    assert size(count) == text
