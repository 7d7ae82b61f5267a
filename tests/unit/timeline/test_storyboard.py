"""The storyboard can be sent: every word is in it, nothing runs over, the bytes are stable."""

from __future__ import annotations

import pathlib
import re
import sys
import zlib

import pytest
from movie_director.core.errors import MediaError
from movie_director.timeline import storyboard, write_storyboard
from movie_director.timeline.panels import panels
from movie_director.timeline.typeface import REGULAR, Typefaces

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import films as f

WORDS = "The door opens slowly and nobody is there. " * 40


def board(edit, folder: pathlib.Path, name: str = "board.pdf"):
    artifacts = dict(
        f.made(clip.source, f.clip(folder / f"{clip.source}.mp4"), 2.0) for clip in edit.clips
    )
    facts = write_storyboard(edit, artifacts, folder / name)
    return facts, (folder / name).read_bytes()


def said(pdf: bytes) -> str:
    """All text of a PDF of ours, read back through its fonts' tables."""
    streams = [
        zlib.decompress(found[1])
        for found in re.finditer(rb"/FlateDecode.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    ]
    tables = [
        {
            int(glyph, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
            for glyph, letter in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", stream)
        }
        for stream in streams
        if b"beginbfchar" in stream
    ]
    names = re.findall(rb"/(fig\w+|system\d+) \d+ 0 R", pdf)
    fonts = dict(zip(names, tables, strict=True))
    found = []
    for stream in streams:
        for font, glyphs in re.findall(rb"/(\w+) [\d.]+ Tf\n\[<([0-9A-F]*)>\] TJ", stream):
            row = [int(glyphs[at : at + 4], 16) for at in range(0, len(glyphs), 4)]
            found.append("".join(fonts[font][glyph] for glyph in row))
    return " ".join(found)


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_word_can_be_read_back_in_any_alphabet(tmp_path) -> None:
    edit = f.film(
        f.shot(1, 0, 60, notes={"action": "Ελένη περιμένει.", "shot_type": "wide"}),
        f.shot(2, 60, 60),
        cues=(f.line(2, 3.0, 1.0, "Поезд ушёл, Анна.", speaker="Том"),),
        title="Последний поезд",
    )
    facts, pdf = board(edit, tmp_path)
    text = words(said(pdf))
    for expected in ("Последний поезд", "Ελένη περιμένει.", "ТОМ Поезд ушёл, Анна.", "INT. ROOM"):
        assert expected in text
    assert facts == {"pages": 2, "panels": 2, "warnings": []}


def test_text_that_is_too_long_goes_on_in_further_panels(tmp_path) -> None:
    notes = {"action": WORDS, "shot_type": "wide", "camera_move": "static"}
    edit = f.film(f.shot(1, 0, 60, notes=notes), f.shot(2, 60, 60))
    facts, pdf = board(edit, tmp_path)
    assert facts["panels"] >= 3
    assert words(said(pdf)).count("The door opens slowly") >= 30
    assert "continued" in said(pdf)


def test_no_row_is_wider_than_its_panel_and_no_word_is_lost() -> None:
    fonts = Typefaces()

    def measure(text: str, style: str) -> float:
        return fonts.width(text, storyboard._STYLES[style], storyboard.SIZE)

    notes = {"action": WORDS + "Donaudampfschifffahrtsgesellschaftskapitän" * 5, "shot_type": "x"}
    edit = f.film(f.shot(1, 0, 60, notes=notes), cues=(f.line(1, 1, 1, "Wort " * 200),))
    made = panels(edit, 100, 7, 20, measure)
    for panel in made:
        assert len(panel.rows) <= (7 if panel.source else 20)
        for row in panel.rows:
            assert sum(measure(text.rstrip(), style) for style, text in row) <= 101
    shown = "".join(text for panel in made for row in panel.rows for _, text in row)
    assert "".join(shown.split()) == "".join((notes["action"] + "ANNA" + "Wort" * 200).split())


def test_equal_films_give_equal_bytes(tmp_path) -> None:
    edit = f.film(f.shot(1, 0, 60), f.shot(2, 60, 60))
    assert board(edit, tmp_path, "a.pdf") == board(edit, tmp_path, "b.pdf")


def test_the_file_is_small_enough_to_send(tmp_path) -> None:
    edit = f.film(*(f.shot(n, n * 60, 60) for n in range(12)))
    assert len(board(edit, tmp_path)[1]) < 100_000


def test_a_missing_picture_and_a_missing_letter_are_told(tmp_path) -> None:
    edit = f.film(f.shot(1, 0, 60, notes={"action": "\U0001f682 leaves"}))
    facts = write_storyboard(edit, {}, tmp_path / "board.pdf")
    assert facts["warnings"] == [
        "There is no picture of Shot 1.",
        "No installed font has these characters of the script: \U0001f682",
    ]


def test_a_broken_clip_is_an_error_with_a_remedy(tmp_path) -> None:
    (tmp_path / "c1.mp4").write_bytes(b"nothing")
    artifacts = dict([f.made("c1", tmp_path / "c1.mp4", 2.0)])
    with pytest.raises(MediaError, match=r"c1\.mp4") as caught:
        write_storyboard(f.film(f.shot(1, 0, 60)), artifacts, tmp_path / "board.pdf")
    assert caught.value.remedy


def test_a_film_without_shots_is_still_a_document(tmp_path) -> None:
    facts = write_storyboard(f.film(), {}, tmp_path / "board.pdf")
    assert facts["panels"] == 0
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF-")


def test_widths_are_those_of_the_font() -> None:
    fonts = Typefaces()
    assert fonts.width("", REGULAR, 10) == 0
    assert fonts.width("ii", REGULAR, 10) < fonts.width("WW", REGULAR, 10)
    assert fonts.width("AB", REGULAR, 20) == pytest.approx(2 * fonts.width("AB", REGULAR, 10))
