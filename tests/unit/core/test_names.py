"""Names that every system takes, whatever people call things."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import StoreError
from movie_director.core.step import Place
from movie_director.core.store.names import (
    fit,
    fold,
    folder_of,
    safe_name,
    safe_suffix,
    shorten,
    utf16_length,
)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Scene 1", "Scene 1"),
        ('INT. BAR: "night"?', "INT. BAR_ _night__"),
        ("a/b\\c", "a_b_c"),
        ("end. . ", "end"),
        (" both ", "both"),
        (".hidden", "_hidden"),
        ("..", "_"),
        ("", "_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com¹", "_com¹"),
        ("COM", "COM"),
        ("console", "console"),
        ("tab\there\0", "tab_here_"),
        ("e\u0301tude", "étude"),
        ("ИНТ. КУХНЯ", "ИНТ. КУХНЯ"),
    ],
)
def test_a_name_becomes_the_nearest_that_every_system_takes(given: str, name: str) -> None:
    assert safe_name(given) == name


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_becomes_a_name_that_is_safe_and_stays(text: str) -> None:
    name = safe_name(text)
    assert name
    assert safe_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert not set('<>:"/\\|?*') & set(name)
    assert min(map(ord, name)) >= 32
    assert name[-1] not in " ."
    assert name[0] not in " ."
    assert len(name.encode()) <= 200


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(12, 60))
def test_a_shortened_name_fits_and_is_known_by_its_digest(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert utf16_length(short) <= limit
    assert short == text or "~" in short


def test_two_long_names_that_begin_alike_stay_two() -> None:
    assert shorten("x" * 200 + "a", 40) != shorten("x" * 200 + "b", 40)


@pytest.mark.parametrize(
    ("given", "suffix"), [(".mp4", ".mp4"), ("wav", ".wav"), ("", ""), (".", ""), (".a/b", ".a_b")]
)
def test_a_suffix_is_safe_too(given: str, suffix: str) -> None:
    assert safe_suffix(given) == suffix


@pytest.mark.parametrize(
    ("place", "folder"),
    [
        (Place(scene="Scene 1", shot="Shot 2", stem="clip", suffix=""), "Scene 1/Shot 2"),
        (Place(scene="act/scene", shot="", stem="x", suffix=""), "act/scene"),
        (Place(scene="../../etc", shot="..", stem="x", suffix=""), "_/_/etc/_"),
        (Place(stem="mix", suffix=""), "takes"),
        (Place(scene="s", shot="t", stem="film", suffix="", final=True), "takes"),
    ],
)
def test_the_folder_is_scene_and_shot(place: Place, folder: str) -> None:
    assert folder_of(place, finals="takes") == PurePosixPath(folder)


def test_case_and_composition_make_no_difference_to_some_systems() -> None:
    assert fold("Straße/É") == fold("STRASSE/e\u0301")


@settings(deadline=None)
@given(
    st.lists(st.text("abc", min_size=1, max_size=80), max_size=4),
    st.text("abc", min_size=1, max_size=80),
    st.integers(80, 250),
)
def test_a_long_path_is_cut_until_it_fits(parts: list[str], stem: str, room: int) -> None:
    folder, short = fit(PurePosixPath(*parts), stem, room)
    assert utf16_length((folder / short).as_posix()) <= room
    assert len(folder.parts) == len(parts)


def test_what_cannot_be_cut_any_more_is_refused() -> None:
    with pytest.raises(StoreError, match="longer than 259") as caught:
        fit(PurePosixPath(*(["abc"] * 40)), "clip", 100)
    assert "shorter path" in caught.value.remedy
