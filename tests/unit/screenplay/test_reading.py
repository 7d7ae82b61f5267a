"""Reading what filmmakers really write, every word tied to its place."""

from __future__ import annotations

import itertools

import pytest
from movie_director.core.errors import ScriptError
from movie_director.screenplay import Edit, Kind, Screenplay, read, rewrite, write

SCRIPT = """Title:
    _**BRICK & STEEL**_
    FULL RETIRED
Credit: Written by
Author: Stu

FADE IN:

# Act one

= They meet.

EXT. PATIO - DAY #12A#

A gorgeous day. [[a note
more of it]] BRICK (50s) sits. [Thunder]

STEEL
What?

BRICK (V.O.) (CONT'D) ^
(softly)
*Hello* my
HELD
friend.

/* cut
this */

.SNIPER SCOPE

@McCLANE
~la la

!LOUD
> THE END <

> Cut away

===
""".replace("HELD", "  ")


def kinds(script: Screenplay) -> list[tuple[str, str]]:
    return [(str(element.kind), element.text) for element in script.elements]


EXPECTED = [
    ("transition", "FADE IN:"),
    ("section", "Act one"),
    ("synopsis", "They meet."),
    ("heading", "EXT. PATIO - DAY"),
    ("action", "A gorgeous day.\nBRICK (50s) sits. [Thunder]"),
    ("character", "STEEL"),
    ("dialogue", "What?"),
    ("character", "BRICK"),
    ("parenthetical", "softly"),
    ("dialogue", "Hello my\n\nfriend."),
    ("heading", "SNIPER SCOPE"),
    ("character", "McCLANE"),
    ("lyric", "la la"),
    ("action", "LOUD"),
    ("centred", "THE END"),
    ("transition", "Cut away"),
    ("page break", ""),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_line_end_and_unicode_encoding_reads_the_same(newline: str, encoding: str) -> None:
    text = SCRIPT.replace("\n", newline)
    script = read(text.encode(encoding))
    assert kinds(script) == EXPECTED
    assert write(script) == text


def test_mixed_line_ends_read_the_same_and_are_given_back_untouched() -> None:
    ends = itertools.cycle(["\n", "\r", "\r\n"])
    text = "".join(line + next(ends) for line in SCRIPT.split("\n"))
    assert kinds(read(text)) == EXPECTED
    assert write(read(text)) == text


def test_a_title_page_keeps_its_lines_and_numbers_and_extensions_are_told_apart() -> None:
    script = read(SCRIPT)
    assert [(e.key, e.value) for e in script.title_page] == [
        ("Title", "BRICK & STEEL\nFULL RETIRED"),
        ("Credit", "Written by"),
        ("Author", "Stu"),
    ]
    heading = next(e for e in script.elements if e.kind is Kind.HEADING)
    steel, brick = [e for e in script.elements if e.kind is Kind.CHARACTER][:2]
    assert (heading.number, heading.span.line, heading.span.column) == ("12A", 13, 1)
    assert (steel.dual, brick.dual, brick.extension) == ("left", "right", "V.O., CONT'D")


def test_notes_and_boneyard_are_kept_beside_the_film() -> None:
    script = read(SCRIPT)
    assert [note.text for note in script.notes] == ["a note\nmore of it"]
    assert [bone.text for bone in script.boneyard] == ["cut\nthis"]
    assert "cut" not in "".join(text for _, text in kinds(script)).lower().replace("cut away", "")


@pytest.mark.parametrize("opened", ["/* never closed", "[[ never closed", "[[ blank\n\nline ]]"])
def test_what_is_never_closed_stays_in_the_film_and_is_remarked_on(opened: str) -> None:
    script = read(f"INT. X - DAY\n\nBefore.\n\n{opened}\n\nAfter.\n")
    assert script.elements[-1].text == "After."
    assert any("closed" in element.text or "blank" in element.text for element in script.elements)
    assert [(remark.line, remark.column) for remark in script.remarks] == [(5, 1)]


def test_spans_name_the_words_and_nothing_else() -> None:
    script = read("INT. A - DAY\n\n  @Bob (O.S.) ^\nHi *you*.\n\n.A HEADING #7#\n\n> Fade. \n")
    words = [script.text[e.words.start : e.words.end] for e in script.elements]
    assert words == ["INT. A - DAY", "Bob", "Hi *you*.", "A HEADING", "Fade."]
    cue = script.elements[1]
    assert (cue.span.line, cue.span.column, cue.words.column) == (3, 3, 4)


def test_old_western_and_cyrillic_code_pages_are_recognised() -> None:
    french = read("INTÉRIEUR CAFÉ - JOUR\n\nLéa rêve.\n".encode("cp1252"))
    russian = read("ИНТ. КАФЕ - ДЕНЬ\n\nДождь.\n".encode("cp1251"))
    assert kinds(french)[0] == ("heading", "INTÉRIEUR CAFÉ - JOUR")
    assert kinds(russian)[0] == ("heading", "ИНТ. КАФЕ - ДЕНЬ")


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"INT. A - DAY\n\nab\0c", 3, 3),
        (b"%PDF-1.7 ...", 1, 1),
        (b"PK\x03\x04rest", 1, 1),
        (b"\xff\xfeI\0N\0\x00\xd8", 1, 3),
        (b"x" * 5_000_001, 1, 1),
        ("INT. A\n\ud800", 2, 1),
        (bytes(range(1, 32)) * 40, 1, 1),
    ],
)
def test_what_is_no_screenplay_is_refused_with_its_place(
    data: bytes | str, line: int, column: int
) -> None:
    with pytest.raises(ScriptError) as caught:
        read(data)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.remedy


def test_a_script_that_opens_with_a_transition_has_no_title_page() -> None:
    script = read("FADE IN:\n\nEXT. SEA - DAWN\n\nWaves.\n")
    assert script.title_page == ()
    assert kinds(script)[0] == ("transition", "FADE IN:")


def test_a_camera_direction_in_capitals_is_nobody() -> None:
    script = read("INT. A - DAY\n\nCLOSE ON THE WATCH\nIt ticks.\n\nANNA\nLate.\n")
    assert [e.text for e in script.elements if e.kind is Kind.CHARACTER] == ["ANNA"]


def test_a_note_on_its_own_line_does_not_break_a_speech() -> None:
    script = read("INT. A - DAY\n\nANNA\n[[slowly]]\nHello.\n")
    assert kinds(script)[1:] == [("character", "ANNA"), ("dialogue", "Hello.")]


def test_a_printed_layout_loses_its_page_numbers_only() -> None:
    text = (
        "1   INT. HOUSE - NIGHT                 1\n\n     A dark hall.\n\n"
        "               ANNA (CONT'D)\n          Who is\n          there?\n\n"
        "                              (CONTINUED)\n\n12.\n\n     Nobody.\n"
    )
    script = read(text)
    heading = script.elements[0]
    assert (heading.text, heading.number) == ("INT. HOUSE - NIGHT", "1")
    assert [t for k, t in kinds(script) if k != "furniture"][1:] == [
        "A dark hall.", "ANNA", "Who is\nthere?", "Nobody.",
    ]  # fmt: skip


def test_emphasis_goes_and_lone_marks_and_escapes_stay() -> None:
    script = read("INT. A - DAY\n\n**Bold** _under_ 2 * 3 * 4 snake_case \\*kept\\* *open\n")
    assert script.elements[1].text == "Bold under 2 * 3 * 4 snake_case *kept* *open"


def test_edits_take_the_file_s_own_line_ends_and_move_nothing_else() -> None:
    text = "INT. A - DAY\r\n\r\nOne.\r\n"
    start = text.index("One.")
    assert rewrite(text, [Edit(start=start, end=start + 4, text="Two.\nThree.")]) == (
        "INT. A - DAY\r\n\r\nTwo.\r\nThree.\r\n"
    )
    with pytest.raises(ValueError, match="overlaps"):
        rewrite(text, [Edit(start=0, end=5, text=""), Edit(start=3, end=6, text="")])
