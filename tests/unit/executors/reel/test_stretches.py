"""A cut falls into stretches that cover the film once, each frame with its full weight."""

from __future__ import annotations

import pathlib
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.edit import Edit, Transition
from movie_director.executors._animatic.reel.stretches import FULL, stretches, weights

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import footage as f


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Films as ``cut_film`` lays them out: a transition takes a third of a shot at most."""
    clips = []
    end = 0
    before = 0
    for index in range(draw(st.integers(1, 8))):
        frames = draw(st.integers(1, 40))
        kind = draw(st.sampled_from(["cut", "dissolve", "fade"] if index else ["cut", "fade"]))
        room = min(frames, before or frames) if kind == "dissolve" else frames
        length = draw(st.integers(0, room // 3)) if kind != "cut" else 0
        enter = Transition(kind=kind, frames=length) if length else f.CUT
        out = draw(st.integers(0, frames // 3))
        leave = Transition(kind="fade", frames=out) if out else f.CUT
        start = end - length if enter.kind == "dissolve" else end + draw(st.integers(0, 5))
        clips.append(f.shot(index, start, frames, enter, leave))
        end, before = start + frames, frames
    return f.edit(*clips)


@settings(max_examples=200, deadline=None)
@given(edits())
def test_stretches_cover_the_film_and_weights_never_exceed_one(edit: Edit) -> None:
    made = stretches(edit)
    assert made[0].start == 0
    assert made[-1].start + made[-1].frames == edit.frames
    assert all(one.start + one.frames == two.start for one, two in pairwise(made))
    for stretch in made:
        for offset in range(stretch.frames):
            shares = weights(edit, stretch, offset)
            assert all(share >= 0 for share in shares)
            assert sum(shares) <= FULL + 1
            if stretch.plain:
                assert shares == (FULL,)
            elif stretch.layers and all(
                edit.clips[layer.clip].leave.kind == edit.clips[layer.clip].enter.kind == "cut"
                for layer in stretch.layers
            ):
                assert sum(shares) == pytest.approx(FULL, abs=1)


def test_a_shot_without_transitions_is_one_plain_stretch() -> None:
    (only,) = stretches(f.edit(f.shot(0, 0, 30)))
    assert only.plain
    assert (only.start, only.frames) == (0, 30)


def test_a_dissolve_gives_way_evenly() -> None:
    edit = f.edit(f.shot(0, 0, 30), f.shot(1, 27, 30, Transition(kind="dissolve", frames=3)))
    middle = stretches(edit)[1]
    assert [weights(edit, middle, k) for k in range(3)] == [(192, 64), (128, 128), (64, 192)]
