"""Subtitles can be read: short rows, enough time, never two at once."""

from __future__ import annotations

import pathlib
import re
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.timeline import write_subtitles
from movie_director.timeline.subtitles import LONGEST_S, ROW, Subtitle, subtitles

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import films as f

LONG = (
    "I never left. I only went to look whether the train was still there, and it was, "
    "it always is, whatever the timetable says about it; and when I came back you were gone."
)


def of(*cues) -> tuple[Subtitle, ...]:
    return subtitles(f.film(f.shot(1, 0, 24 * 60), cues=cues))


def test_the_file_is_subrip(tmp_path) -> None:
    edit = f.film(
        f.shot(1, 0, 24 * 70),
        cues=(f.line(1, 1.0, 2.0, "Поезд ушёл."), f.line(2, 61.5, 2.0, "Gone.")),
    )
    write_subtitles(edit, {}, tmp_path / "film.srt")
    assert (tmp_path / "film.srt").read_bytes().decode("utf-8") == (
        "1\n00:00:01,000 --> 00:00:03,300\nПоезд ушёл.\n\n2\n00:01:01,500 --> 00:01:03,800\nGone.\n"
    )


def test_a_short_line_is_one_row_a_longer_one_two_even_ones() -> None:
    (short,) = of(f.line(1, 1, 2, "Come in."))
    (longer,) = of(f.line(1, 1, 4, "I only went to look whether the train was still there."))
    assert short.rows == ("Come in.",)
    assert longer.rows == ("I only went to look whether", "the train was still there.")


def test_a_long_line_becomes_several_subtitles_of_similar_length() -> None:
    made = of(f.line(1, 1, 10, LONG))
    assert " ".join(row for each in made for row in each.rows) == LONG
    letters = [sum(map(len, each.rows)) for each in made]
    assert min(letters) > max(letters) / 2.5
    assert made[0].start == 1
    assert made[-1].end >= 11


def test_a_quick_line_stays_long_enough_to_be_read() -> None:
    (made,) = of(f.line(1, 1, 0.2, "No."))
    assert made.end - made.start == pytest.approx(5 / 6)


def test_a_subtitle_ends_two_frames_before_the_next_begins() -> None:
    first, second = of(f.line(1, 1, 0.5, "Quick now, we leave."), f.line(1, 1.7, 1, "Yes."))
    assert second.start - first.end == pytest.approx(2 / 24)


def test_lines_spoken_at_once_share_a_subtitle_behind_dashes() -> None:
    (made,) = of(f.line(1, 1, 2, "Stop!"), f.line(1, 1, 1.5, "Go!", speaker="Tom", key="z"))
    assert made.rows == ("- Stop!", "- Go!")


def test_whoever_is_not_seen_is_named() -> None:
    (made,) = of(f.line(1, 1, 2, "Over here.", off_screen=True))
    assert made.rows == ("ANNA: Over here.",)


def test_emphasis_marks_are_not_shown() -> None:
    (made,) = of(f.line(1, 1, 2, "It *was* _there_, **all** \\*of it."))
    assert made.rows == ("It was there, all *of it.",)


def test_a_text_without_spaces_is_broken_too() -> None:
    made = of(f.line(1, 1, 8, "昔々あるところにおじいさんとおばあさんが住んでいました。" * 4))
    assert all(len(row) <= ROW for each in made for row in each.rows)
    assert not any(row.startswith(("。", "、")) for each in made for row in each.rows)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=300)
LINES = st.lists(st.tuples(st.floats(0, 55), st.floats(0.05, 30), WORDS, st.booleans()), max_size=6)


@settings(max_examples=120, deadline=None)
@given(LINES)
def test_whatever_is_said_rows_are_short_and_times_never_overlap(lines) -> None:
    cues = [
        f.line(n, start, seconds, text, off_screen=off)
        for n, (start, seconds, text, off) in enumerate(lines)
    ]
    made = of(*cues)
    for each in made:
        assert 1 <= len(each.rows) <= 2
        assert all(row.strip() and len(row) <= ROW for row in each.rows)
        assert each.start < each.end
    for before, after in pairwise(made):
        assert before.end < after.start
    spoken = re.sub(r"[\s*_\\-]", "", "".join(row for each in made for row in each.rows))
    for cue in cues:
        for letter in re.sub(r"[\s*_\\-]", "", cue.text):
            assert letter in spoken


def test_no_subtitle_stays_longer_than_its_line_or_seven_seconds() -> None:
    made = of(f.line(1, 1, 3, "Word " * 14), f.line(2, 30, 20, "Slow."))
    assert all(each.end - each.start <= max(LONGEST_S, 20) for each in made)
