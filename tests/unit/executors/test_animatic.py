# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animatic offers, and when an animatic is only a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movie_director import api
from movie_director.core.errors import MediaError
from movie_director.core.executor import Setup, Want
from movie_director.core.step import (
    CLIP,
    CUT,
    MUSIC,
    SOUND,
    SPEECH,
    VOICE_CONVERSION,
    Fidelity,
    Kind,
)
from movie_director.executors._animatic.audio import speak
from movie_director.executors.animatic import Animatic
from movie_director.studio import Studio

SHOT = Want(kind=CLIP, quality="draft", width=1280, height=720, fps=24.0, seconds=3.0)


@pytest.fixture
def animatic() -> Iterator[Animatic]:
    made = Animatic(Setup(cores=2, memory_bytes=2**33))
    yield made
    made.close()


def fidelity(animatic: Animatic, want: Want) -> list[Fidelity]:
    return [option.fidelity for option in animatic.offer(want)]


@pytest.mark.parametrize(
    ("quality", "backend", "expected"),
    [
        ("draft", {}, Fidelity.FULL),
        ("standard", {"service": "auto"}, Fidelity.FULL),
        ("final", {"service": "animatic"}, Fidelity.FULL),
        ("final", {"service": "auto"}, Fidelity.STAND_IN),
        ("draft", {"service": "comfyui"}, Fidelity.STAND_IN),
    ],
)
def test_an_animatic_stands_in_where_another_picture_was_asked_for(
    animatic: Animatic, quality: str, backend: dict[str, Any], expected: Fidelity
) -> None:
    assert fidelity(animatic, replace(SHOT, quality=quality, backend=backend)) == [expected]


def test_a_backend_that_allows_no_downgrade_gets_no_stand_in(animatic: Animatic) -> None:
    backend = {"service": "comfyui", "allow_downgrade": False}
    assert animatic.offer(replace(SHOT, backend=backend)) == ()


def test_a_larger_picture_is_expected_to_take_longer(animatic: Animatic) -> None:
    small, large = (
        animatic.offer(replace(SHOT, width=width, height=height))[0]
        for width, height in ((1280, 720), (3840, 2160))
    )
    assert large.seconds > 5 * small.seconds
    assert large.work_bytes > small.work_bytes


@pytest.mark.parametrize(
    ("kind", "quality", "backend", "expected"),
    [
        (SPEECH, "draft", {}, Fidelity.FULL),
        (SPEECH, "standard", {}, Fidelity.STAND_IN),
        (MUSIC, "final", {}, Fidelity.STAND_IN),
        (SPEECH, "final", {"service": "animatic"}, Fidelity.FULL),
        (VOICE_CONVERSION, "draft", {"service": "rvc"}, Fidelity.STAND_IN),
        (CUT, "final", {}, None),
    ],
)
def test_our_voices_and_sounds_are_enough_for_a_draft_and_no_voice_becomes_another_here(
    animatic: Animatic, kind: Kind, quality: str, backend: dict[str, Any], expected: Fidelity | None
) -> None:
    want = replace(SHOT, kind=kind, quality=quality, backend=backend)
    assert fidelity(animatic, want) == ([] if expected is None else [expected])


def test_automatic_takes_the_animatic_in_full_while_nothing_better_is_known() -> None:
    with Studio.open(cores=1) as studio:
        final = replace(SHOT, quality="final", backend={"service": "auto"})
        asked = replace(final, backend={"service": "comfyui"})
        assert {option.fidelity for option in studio.offer(final)} == {Fidelity.FULL}
        ours = [each.fidelity for each in studio.offer(asked) if each.executor == "animatic"]
        assert ours == [Fidelity.STAND_IN]


@pytest.mark.parametrize("line", ["...", "(beat)", "—"])
def test_a_line_of_silence_is_silent_and_an_empty_one_is_an_error(line: str) -> None:
    said = speak(line)
    assert said.seconds > 0.5
    assert not said.samples.any()
    with pytest.raises(MediaError, match="empty"):
        speak("  ")


def test_an_error_in_a_character_s_own_picture_names_the_character(tmp_path: Path) -> None:
    (tmp_path / "face.png").write_bytes(b"no picture")
    film = api.new()
    film.set("project", quality="draft")
    anna = film.add("character", name="Anna", images=(str(tmp_path / "face.png"),))
    shot = film.add("shot")
    film.link(anna, "character", shot, "characters")
    film.link(shot, "shot", film.find("sequence")[0], "shots")
    result = api.evaluate(film.graph, tmp_path / "results")
    assert [(error.where, "face.png" in str(error)) for error in result.errors] == [(anna, True)]


@pytest.mark.parametrize("kind", [CLIP, SOUND, MUSIC, SPEECH])
def test_what_the_user_made_is_what_was_asked_for(kind: Kind) -> None:
    want = Want(
        kind=kind, quality="final", width=64, height=48, fps=12.0, seconds=1.0,
        backend={"service": "comfyui", "allow_downgrade": False}, own=True,
    )  # fmt: skip
    maker = Animatic(Setup(cores=1, memory_bytes=2**30))
    try:
        assert [option.fidelity for option in maker.offer(want)] == [Fidelity.FULL]
    finally:
        maker.close()
