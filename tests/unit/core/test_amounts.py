"""Bytes as people read them."""

from __future__ import annotations

import pytest
from movie_director.core.amounts import amount


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 KiB"),
        (1, "1 byte"),
        (2**10, "1 KiB"),
        (2**20, "1 MiB"),
        (400 * 2**20, "400 MiB"),
        (3 * 2**29, "1.5 GiB"),
    ],
)
def test_an_amount_is_said_in_the_unit_that_fits(size: int, said: str) -> None:
    assert amount(size) == said
