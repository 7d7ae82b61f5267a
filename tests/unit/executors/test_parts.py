"""A long shot is shared out among as few parts as can be, none much shorter than the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.executors._service.parts import MOST_PARTS, longest, shared_out


@pytest.mark.parametrize(
    ("seconds", "parts"),
    [
        (5.0, (5.0,)),
        (5.1, (2.6020408163265305, 2.497959183673469)),
        (9.8, (5.0, 4.8)),
        (1000.0, (5.0,) + (4.8,) * 7),
    ],
)
def test_a_shot_is_shared_out(seconds: float, parts: tuple[float, ...]) -> None:
    assert shared_out(seconds, 5.0, 4.8) == pytest.approx(parts)


def test_where_nothing_can_go_on_there_is_one_part() -> None:
    assert shared_out(9.0, 5.0, 0.0) == (5.0,)
    assert longest(5.0, 0.0) == 5.0


@given(st.floats(0.1, 60), st.floats(0.5, 10), st.floats(0.5, 10))
def test_the_parts_make_up_the_shot_as_far_as_they_can(
    s: float, first: float, onward: float
) -> None:
    parts = shared_out(s, first, onward)
    assert sum(parts) == pytest.approx(min(s, longest(first, onward)))
    assert parts[0] <= first + 1e-9
    assert all(part <= onward + 1e-9 for part in parts[1:])
    assert len(parts) <= MOST_PARTS
    if len(parts) > 1:
        assert longest(first, onward) - onward * (MOST_PARTS - len(parts) + 1) < s + 1e-6
