"""Where everything lies in the film: lengths from lines, transitions, sounds."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.cut import cut_film, span_seconds
from movie_director.core.edit import (
    DEFAULT_S,
    LEAD_S,
    PAUSE_S,
    SHORTEST_S,
    TAIL_S,
    Edit,
    LineTime,
    ShotTime,
    Transition,
    edit_from_json,
    edit_to_json,
    frame_rate,
    layout,
    overlap_frames,
    span_frames,
)
from movie_director.core.step import ArtifactRef, StepId

from tests.fakes import made

RATE = Fraction(24)
CUT = {"kind": "cut", "seconds": 0.0}


def seconds_of(ref: ArtifactRef) -> float:
    """Lengths are written into the ids: "a@1.5:speech"."""
    return float(ref.step.partition("@")[2].partition(":")[0])


def line(seconds: float, *, pause: float = 0.0, together: bool = False) -> dict[str, Any]:
    return {
        "node": f"line@{seconds}", "speech": made(f"line@{seconds}:speech"), "text": "Hi.",
        "speaker": "ANNA", "pause": pause, "together": together, "gain": -3.0,
        "off_screen": False,
    }  # fmt: skip


def sound(seconds: float, **given: Any) -> dict[str, Any]:
    return {
        "node": "bang", "sound": made(f"bang@{seconds}:sound"), "name": "Bang", "offset": 0.0,
        "length": 0.0, "loop": False, "gain": 0.0, "duck": False, **given,
    }  # fmt: skip


def shot(*lines: dict[str, Any], duration: float = 0.0, enter: dict[str, Any] = CUT,
         leave: dict[str, Any] = CUT, gap: float = 0.0, sounds: Any = ()) -> dict[str, Any]:  # fmt: skip
    return {
        "node": "shot", "clip_step": StepId("shot:clip"), "name": "Shot", "number": "1",
        "scene": "Station", "duration": duration, "enter": enter, "leave": leave, "gap": gap,
        "notes": {"action": "She waits."}, "lines": list(lines), "sounds": list(sounds),
    }  # fmt: skip


def cue(seconds: float, **given: Any) -> dict[str, Any]:
    return {
        "node": "score", "ref": made(f"score@{seconds}:music"), "name": "Score", "track": "music",
        "scene": "Station", "first": 0, "count": 1, "fade_in": 0.5, "fade_out": 0.5,
        "offset": 0.0, "length": 0.0, "loop": False, "gain": 0.0, "duck": True, **given,
    }  # fmt: skip


def film(*shots: dict[str, Any], cues: Any = (), scenes: Any = ()) -> Edit:
    return cut_film(
        {"title": "T", "fps": 24.0, "size": [640, 360], "shots": list(shots),
         "scenes": list(scenes), "cues": list(cues)},
        seconds_of,
    )  # fmt: skip


def spans(edit: Edit) -> list[tuple[int, int]]:
    return [(clip.start, clip.start + clip.frames) for clip in edit.clips]


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24.0, Fraction(24)), (23.976, Fraction(24000, 1001)), (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)), (25, Fraction(25)), (12.5, Fraction(25, 2)),
    ],
)  # fmt: skip
def test_the_rate_people_write_is_the_exact_one(fps: float, rate: Fraction) -> None:
    found = frame_rate(fps)
    assert found == rate or abs(float(found) - fps) < 0.001


def test_a_shot_lasts_as_long_as_what_is_said_in_it() -> None:
    said = layout(ShotTime(lines=(LineTime(seconds=2.0), LineTime(seconds=1.0, pause=0.5))), RATE)
    assert said.starts == (LEAD_S, LEAD_S + 2.0 + 0.5 + PAUSE_S)
    assert said.frames == -(-int((LEAD_S + 2 + 0.5 + PAUSE_S + 1 + TAIL_S) * 24 * 1000) // 1000)


def test_lines_spoken_together_begin_together() -> None:
    both = layout(
        ShotTime(lines=(LineTime(seconds=1.0), LineTime(seconds=3.0, together=True))), RATE
    )
    assert both.starts == (LEAD_S, LEAD_S)
    assert both.frames == layout(ShotTime(lines=(LineTime(seconds=3.0),)), RATE).frames


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (ShotTime(), DEFAULT_S),
        (ShotTime(duration=7.5), 7.5),
        (ShotTime(duration=0.1), SHORTEST_S),
        (ShotTime(duration=9.0, lines=(LineTime(seconds=1.0),)), 9.0),
    ],
)
def test_a_wanted_length_counts_unless_the_lines_need_more(given: ShotTime, seconds: float) -> None:
    assert layout(given, RATE).frames == seconds * 24


def test_shots_follow_one_another_without_a_hole() -> None:
    assert spans(film(shot(duration=1), shot(duration=2), shot(duration=3))) == [
        (0, 24), (24, 72), (72, 144),
    ]  # fmt: skip


def test_a_gap_is_black_between_shots_and_never_before_the_first() -> None:
    assert spans(film(shot(duration=1, gap=0.5), shot(duration=1, gap=0.5))) == [(0, 24), (36, 60)]


def test_a_dissolve_lets_two_shots_overlap_by_at_most_a_third() -> None:
    dissolve = {"kind": "dissolve", "seconds": 0.25}
    edit = film(shot(duration=1), shot(duration=2, enter=dissolve))
    assert spans(edit) == [(0, 24), (18, 66)]
    assert edit.clips[1].enter == Transition(kind="dissolve", frames=6)
    long = film(shot(duration=1), shot(duration=2, enter={"kind": "dissolve", "seconds": 5.0}))
    assert spans(long) == [(0, 24), (16, 64)]


def test_a_dissolve_from_nothing_is_a_fade() -> None:
    edit = film(shot(duration=2, enter={"kind": "dissolve", "seconds": 0.5}))
    assert edit.clips[0].enter == Transition(kind="fade", frames=12)


def test_a_dissolve_too_short_to_see_is_a_cut() -> None:
    edit = film(shot(duration=1), shot(duration=1, enter={"kind": "dissolve", "seconds": 0.01}))
    assert edit.clips[1].enter == Transition()
    assert spans(edit) == [(0, 24), (24, 48)]


def test_a_fade_is_at_most_a_third_of_its_shot() -> None:
    edit = film(shot(duration=1, leave={"kind": "fade", "seconds": 9.0}))
    assert edit.clips[0].leave == Transition(kind="fade", frames=8)


def test_lines_are_heard_where_their_shot_stands() -> None:
    edit = film(shot(duration=2), shot(line(1.0), line(2.0)))
    assert [(cue.start, cue.seconds, cue.text) for cue in edit.cues] == [
        (2 + LEAD_S, 1.0, "Hi."), (2 + LEAD_S + 1.0 + PAUSE_S, 2.0, "Hi."),
    ]  # fmt: skip
    assert edit.cues[0].name == "ANNA: Hi."
    assert {cue.track for cue in edit.cues} == {"dialogue"}


@pytest.mark.parametrize(
    ("given", "heard"),
    [
        (sound(1.0), [(0.0, 1.0)]),
        (sound(1.0, offset=0.5), [(0.5, 1.0)]),
        (sound(5.0, length=0.75), [(0.0, 0.75)]),
        (sound(1.0, loop=True, offset=0.5), [(0.5, 1.5)]),
        (sound(1.0, loop=True, offset=2.5), []),
    ],
)
def test_a_sound_is_heard_from_its_offset(
    given: dict[str, Any], heard: list[tuple[float, float]]
) -> None:
    edit = film(shot(duration=2, sounds=[given]))
    assert [(cue.start, cue.seconds) for cue in edit.cues] == heard


@pytest.mark.parametrize(
    ("given", "heard"),
    [
        (cue(99.0), [(1.0, 3.0)]),
        (cue(2.0), [(1.0, 2.0)]),
        (cue(2.0, loop=True), [(1.0, 3.0)]),
        (cue(99.0, length=1.5), [(1.0, 1.5)]),
        (cue(99.0, offset=1.0), [(2.0, 2.0)]),
        (cue(99.0, offset=9.0), []),
        (cue(99.0, count=0), []),
    ],
)
def test_music_lasts_as_long_as_its_shots(
    given: dict[str, Any], heard: list[tuple[float, float]]
) -> None:
    span = {"first": 1, "count": given["count"] and 2}
    edit = film(shot(duration=1), shot(duration=1), shot(duration=2), cues=[{**given, **span}])
    assert [(cue.start, cue.seconds) for cue in edit.cues] == heard


def test_scenes_cover_their_shots() -> None:
    scenes = [
        {"key": "a", "name": "A", "first": 0, "count": 2},
        {"key": "none", "name": "Nothing", "first": 2, "count": 0},
        {"key": "b", "name": "B", "first": 2, "count": 1},
    ]
    edit = film(shot(duration=1), shot(duration=1), shot(duration=2), scenes=scenes)
    assert [(scene.name, scene.start, scene.frames) for scene in edit.scenes] == [
        ("A", 0, 48), ("B", 48, 48),
    ]  # fmt: skip


def test_an_empty_film_is_empty() -> None:
    edit = film()
    assert (edit.frames, edit.seconds, edit.clips) == (0, 0.0, ())


lengths = st.floats(0.1, 8).map(lambda value: round(value, 2))
lines = st.builds(line, lengths, pause=st.sampled_from([0.0, 0.4]), together=st.booleans())
shots = st.builds(
    shot, lines, duration=st.sampled_from([0.0, 1.0, 4.0]),
    enter=st.fixed_dictionaries(
        {"kind": st.sampled_from(["cut", "dissolve", "fade"]), "seconds": st.floats(0, 3)}
    ),
    leave=st.fixed_dictionaries(
        {"kind": st.sampled_from(["cut", "fade"]), "seconds": st.floats(0, 3)}
    ),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(shots, min_size=1, max_size=6))
def test_every_cut_is_whole_and_survives_its_file(made_of: list[dict[str, Any]]) -> None:
    edit = film(*made_of)
    for before, after in zip(edit.clips, edit.clips[1:], strict=False):
        shared = before.start + before.frames - after.start
        assert shared == (after.enter.frames if after.enter.kind == "dissolve" else 0)
        assert shared <= min(before.frames, after.frames) // 3
    assert edit.frames == edit.clips[-1].start + edit.clips[-1].frames
    for heard in edit.cues:
        assert 0 <= heard.start <= heard.start + heard.seconds <= edit.seconds + 1e-6
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(lengths, st.floats(0, 2), st.sampled_from([0.0, 0.5])), min_size=1,
                max_size=6))  # fmt: skip
def test_a_span_is_as_long_as_the_film_it_is_cut_into(
    parts: list[tuple[float, float, float]],
) -> None:
    made_of = [
        shot(line(length), enter={"kind": "dissolve" if dissolve else "cut", "seconds": dissolve},
             gap=0.0 if dissolve else gap)
        for length, dissolve, gap in parts
    ]  # fmt: skip
    span = {
        "fps": 24.0, "shots": made_of,
        "dissolves": [each["enter"]["seconds"] for each in made_of],
        "gaps": [each["gap"] for each in made_of],
    }  # fmt: skip
    assert span_seconds(span, seconds_of) == film(*made_of).seconds


def test_the_first_dissolve_of_a_span_counts_for_nothing() -> None:
    one = ShotTime(duration=1.0)
    assert span_frames([one, one], [9.0, 0.0], RATE) == 48
    assert overlap_frames(0.5, 24, 90, RATE) == 8


def test_a_file_of_another_schema_is_no_cut() -> None:
    with pytest.raises(ValueError, match="movie-director/edit@1"):
        edit_from_json({"schema": "other"})
