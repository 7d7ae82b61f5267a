"""No text hangs or breaks the reader; what it says no to, it says with a place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import ScriptError
from movie_director.screenplay import break_down, read, to_fountain, to_graph, write
from movie_director.screenplay.pieces import split_scenes

_PARTS = st.sampled_from(
    ["INT. ROOM - DAY", "EXT. SEA", "ANNA", "BOB (V.O.) ^", "@Zoë", "(softly)", "(", "Hello.", "Hi [Thunder] she says!",
     "!", ".", "..", ".x", ">", "> a <", "~", "=", "===", "#", "## b", "[[", "]]", "[[n]]", "/*", "*/", "/*x*/", "  ", " ",
     "", "", "", "\t", "CUT TO:", "FADE OUT.", "Title: x", "Key:", "    value", "*a*", "_b", "\\*", "CLOSE ON IT. Now.", "ИНТ. ДОМ. НОЧЬ",
     "内景 房间 夜", "安娜", "12.", "(MORE)", "Mr. Smith waits... and then? Yes!", "\x0b", "\u2028", "1. INT. A - DAY 1", "#1#", "INT. #3#"]
)  # fmt: skip
_SCRIPTS = st.lists(_PARTS, max_size=40).flatmap(
    lambda parts: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(parts))
)


@settings(max_examples=300, deadline=None)
@given(_SCRIPTS)
def test_any_mix_of_script_lines_is_read_broken_down_and_given_back(text: str) -> None:
    script = read(text)
    assert write(script) == text
    for element in script.elements:
        assert 0 <= element.span.start <= element.words.start <= element.words.end
        assert element.words.end <= max(element.span.end, element.words.start) <= len(text)
    found = break_down(script)
    pieces = [p for scene in split_scenes(script) for p in scene.pieces]
    dealt = [p for shot in found.shots for p in (*shot.pieces, *(ln.piece for ln in shot.lines))]
    assert sorted(p.start for p in pieces if p.kind != "cue") == sorted(p.start for p in dealt)
    assert [ln.piece.start for shot in found.shots for ln in shot.lines] == [
        p.start for p in pieces if p.kind == "line"
    ]
    assert to_fountain(to_graph(found)) == text or not text.strip()


def _refused_at(data: bytes | str) -> tuple[int, int] | None:
    """Line and column where ``data`` is refused, None when it is read."""
    try:
        break_down(read(data))
    except ScriptError as error:
        return error.line, error.column
    return None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    place = _refused_at(text)
    assert min(place) >= 1 if place else write(read(text)) == text.removeprefix("\ufeff")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_place(data: bytes) -> None:
    assert min(_refused_at(data) or (1, 1)) >= 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/&;!-=\"' aTPe\n", max_size=120))
def test_any_xml_is_read_or_refused_with_a_place(inner: str) -> None:
    place = _refused_at(f"<FinalDraft><Content>{inner}</Content></FinalDraft>")
    assert min(place or (1, 1)) >= 1


@pytest.mark.parametrize(
    "unit",
    ["[[ ", "/* ", "/*", "]]", "*", "_a ", "* a", "(\n", "@\n", "ANNA\n", "ANNA\nx\n\n", "A (b)", "....", ". ", "!?", "[a",
     "[", " - ", "- ", "INT. ", "INT. A - ", " #1#", "# ", "> ", "~a\n", "==\n", "\n", " \n", "  \n", "\r", "\t", "a: \n",
     "Title: a\n", "ANNA\n  \n", "AB CD. ", "A (30s), a b, ", "\x0b", "FADE ", "TO: ", "1 ", "é", "夜", "[[a]]\n", "Close on a. "]
)  # fmt: skip
def test_repeating_anything_takes_time_in_proportion(unit: str) -> None:
    """Eight times the text: a quadratic reader would take 64 times as long."""

    def seconds(size: int) -> float:
        text = "INT. A - DAY\n\n" + unit * (size // len(unit))
        begun = time.process_time()  # what else the machine does is not counted
        break_down(read(text))
        return time.process_time() - begun

    def quick(small: float, large: float) -> bool:
        return large < max(0.4, 8 * small * 4)

    small, large = seconds(5_000), seconds(40_000)
    if not quick(small, large):  # caches are shared too: the best of three decides
        small = min(small, seconds(5_000), seconds(5_000))
        large = min(large, seconds(40_000), seconds(40_000))
    assert quick(small, large), f"{small:.3f} s became {large:.3f} s"
