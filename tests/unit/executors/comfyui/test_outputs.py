"""What a prompt left on the server, of every kind, and names that are not believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.executors._comfyui.outputs import (
    OutputFile,
    best_of,
    files_of,
    media_of,
    texts_of,
)

from tests.comfyui_data import recorded

MEDIA = recorded("0.8/wire/media")


def outputs(case: str) -> object:
    said = MEDIA[case]
    return said["history"]["body"][said["prompt_id"]]["outputs"]


@pytest.mark.parametrize(
    ("case", "media", "count"),
    [
        ("SaveVideo_mp4", "video", 1),
        ("SaveWEBM_vp9", "video", 1),
        ("SaveAnimatedWEBP", "video", 1),
        ("SaveAnimatedPNG", "video", 1),
        ("SaveImage_batch6", "image", 6),
        ("PreviewImage_temp", "image", 4),
        ("SaveAudio", "audio", 1),
        ("SaveAudioMP3", "audio", 1),
        ("SaveAudioOpus", "audio", 1),
        ("SaveLatent", "latent", 1),
        ("MaskPreview", "image", 1),
        ("SaveImage_prefix_tokens", "image", 2),
    ],
)
def test_every_kind_of_file_that_was_recorded_is_found(case: str, media: str, count: int) -> None:
    found = files_of(outputs(case))
    assert [file.media for file in found] == [media] * count
    assert best_of(found, media) == found[-1]


def test_what_failed_left_nothing() -> None:
    assert files_of(outputs("SaveVideo_odd_size")) == ()


def test_what_was_saved_goes_before_what_was_shown() -> None:
    def file(name: str, folder: str) -> dict[str, str]:
        return {"filename": name, "subfolder": "", "type": folder}

    both = {"1": {"images": [file("a.png", "output"), file("b.png", "temp")]}}
    found = best_of(files_of(both), "image")
    assert found is not None
    assert found.name == "a.png"
    assert best_of(files_of(both), "video") is None
    assert best_of(files_of(both), "image", node="2") is None


def test_a_file_is_asked_for_as_the_server_names_it() -> None:
    given = {
        "5": {"audio": [{"filename": "Ünï (x)#&?.FLAC", "subfolder": "a/b", "type": "output"}]}
    }
    assert files_of(given) == (
        OutputFile(
            node="5", name="Ünï (x)#&?.FLAC", subfolder="a/b", folder="output", suffix=".flac"
        ),
    )
    assert files_of(given)[0].query == {
        "filename": "Ünï (x)#&?.FLAC", "subfolder": "a/b", "type": "output",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "subfolder", "folder"),
    [
        ("../../etc/passwd", "", "output"),
        ("..\\..\\win.ini", "", "output"),
        ("a.png", "../..", "output"),
        ("a.png", "a/../../b", "output"),
        ("a.png", "/etc", "output"),
        ("a.png", "\\\\server\\share", "output"),
        ("a.png", "C:\\Windows", "output"),
        ("a\0.png", "", "output"),
        ("a\n.png", "", "output"),
        ("..", "", "output"),
        ("", "", "output"),
        ("a" * 5000 + ".png", "", "output"),
        ("a.png", "", "models"),
        (7, "", "output"),
        ("a.png", None, "output"),
    ],
)
def test_a_name_that_leads_elsewhere_is_no_file(
    name: object, subfolder: object, folder: str
) -> None:
    given = {"1": {"images": [{"filename": name, "subfolder": subfolder, "type": folder}]}}
    assert files_of(given) == ()


def test_what_is_no_file_is_passed_over() -> None:
    assert files_of({"1": {"animated": [True], "text": ["42"], "n": 3, "x": [None, [], {}]}}) == ()
    assert texts_of({"1": {"text": ["42", 7]}, "2": None}) == ("42",)
    assert files_of(None) == files_of([]) == files_of({"1": None}) == ()
    assert texts_of("no") == ()


def test_a_content_type_says_what_a_file_without_an_ending_is() -> None:
    assert media_of("video/mp4; codecs=avc1") == ".mp4"
    assert media_of("application/x-nobody-knows") == ""


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@given(_json)
def test_nothing_a_server_reports_breaks_the_reader(value: object) -> None:
    for file in files_of(value):
        assert "/" not in file.name
