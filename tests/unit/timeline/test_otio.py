"""The edit list is what OpenTimelineIO reads, and says what the cut says."""

from __future__ import annotations

import json
import pathlib
import sys
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from movie_director.core.edit import Cue, Edit, Transition
from movie_director.core.step import Artifact, StepId
from movie_director.timeline import write_otio

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import films as f

DISSOLVE = Transition(kind="dissolve", frames=7)
FADE = Transition(kind="fade", frames=10)


def written(
    edit: Edit, folder: pathlib.Path, artifacts: dict[StepId, Artifact] | None = None
) -> Any:
    path = folder / ".movie-director" / "tickets" / "t" / "film.otio"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_otio(edit, artifacts or {}, path)
    return otio.adapters.read_from_file(str(path))


def picture(timeline: Any) -> Any:
    (track,) = timeline.video_tracks()
    return track


def spans(track: Any) -> list[tuple[str, int, int, int]]:
    """(name, film frame, length, first frame of its media) of each clip."""
    found = []
    for item in track.find_clips():
        place = item.range_in_parent()
        found.append(
            (
                item.name,
                round(place.start_time.value),
                round(place.duration.value),
                round(item.source_range.start_time.value),
            )
        )
    return found


def test_the_library_writes_back_exactly_what_we_wrote(tmp_path) -> None:
    edit = f.film(
        f.shot(1, 0, 60, enter=FADE),
        f.shot(2, 53, 60, enter=DISSOLVE, leave=FADE),
        f.shot(3, 120, 60),
        cues=(f.line(1, 0.35, 1.5, "Да."), f.line(2, 3.0, 1.0, "No.")),
    )
    path = tmp_path / "film.otio"
    write_otio(edit, {}, path)
    ours = path.read_text(encoding="utf-8")
    read = otio.adapters.read_from_file(str(path))
    theirs = otio.adapters.write_to_string(read, "otio_json")
    assert json.loads(theirs) == json.loads(ours)
    assert read.is_equivalent_to(otio.adapters.read_from_string(theirs, "otio_json"))


def test_cuts_and_gaps_lie_where_the_cut_has_them(tmp_path) -> None:
    edit = f.film(f.shot(1, 0, 60), f.shot(2, 60, 40), f.shot(3, 112, 30))
    track = picture(written(edit, tmp_path))
    assert spans(track) == [("Shot 1", 0, 60, 0), ("Shot 2", 60, 40, 0), ("Shot 3", 112, 30, 0)]
    assert track.duration().value == edit.frames


def test_a_dissolve_is_cut_in_its_middle_and_keeps_the_length(tmp_path) -> None:
    edit = f.film(f.shot(1, 0, 60), f.shot(2, 53, 60, enter=DISSOLVE))
    track = picture(written(edit, tmp_path))
    assert spans(track) == [("Shot 1", 0, 56, 0), ("Shot 2", 56, 57, 3)]
    (dissolve,) = (child for child in track if isinstance(child, otio.schema.Transition))
    assert (dissolve.in_offset.value, dissolve.out_offset.value) == (3, 4)
    place = dissolve.range_in_parent()
    assert (place.start_time.value, place.duration.value) == (53, 7)
    assert track.duration().value == edit.frames
    otio.algorithms.track_with_expanded_transitions(track)


@pytest.mark.parametrize(
    ("enter", "leave", "expected"),
    [
        (FADE, f.CUT, [("Fade in", 0, 10)]),
        (f.CUT, FADE, [("Fade out", 10, 0)]),
        (FADE, FADE, [("Fade in", 0, 10), ("Fade out", 10, 0)]),
    ],
)
def test_fades_are_transitions_with_nothing_on_the_other_side(
    tmp_path, enter, leave, expected
) -> None:
    track = picture(written(f.film(f.shot(1, 0, 60, enter=enter, leave=leave)), tmp_path))
    found = [
        (child.name, child.in_offset.value, child.out_offset.value)
        for child in track
        if isinstance(child, otio.schema.Transition)
    ]
    assert found == expected


def test_a_fade_out_into_a_fade_in_is_one_transition(tmp_path) -> None:
    edit = f.film(f.shot(1, 0, 60, leave=FADE), f.shot(2, 60, 60, enter=FADE))
    timeline = written(edit, tmp_path)
    kinds = [type(child).__name__ for child in picture(timeline)]
    assert kinds == ["Clip", "Transition", "Clip"]


def test_media_is_named_from_the_results_folder(tmp_path) -> None:
    artifacts = dict(
        [
            f.made("c1", tmp_path / "INT. ROOM" / "shot 1" / "clip_t002.mp4", 2.5),
            f.made("v1", tmp_path / "INT. ROOM" / "dialogue" / "линия_t001.wav", 1.5),
            f.made("cut", tmp_path / "cut_t001.json", 2.5),
        ]
    )
    edit = f.film(f.shot(1, 0, 60), cues=(f.line(1, 0.35, 1.5, "Yes."),))
    timeline = written(edit, tmp_path, artifacts)
    clips = {clip.name: clip.media_reference for clip in timeline.find_clips()}
    assert clips["Shot 1"].target_url == "INT.%20ROOM/shot%201/clip_t002.mp4"
    assert clips["ANNA: Yes."].target_url.endswith("%D1%8F_t001.wav")
    assert clips["Shot 1"].available_range.duration.value == 60
    assert clips["Shot 1"].metadata["movie_director"]["intent"] == "intent of c1"


def test_missing_media_is_told_and_marked(tmp_path) -> None:
    facts = write_otio(f.film(f.shot(1, 0, 60)), {}, tmp_path / "film.otio")
    assert facts == {"clips": 1, "tracks": 1, "missing": ["c1"]}
    read = otio.adapters.read_from_file(str(tmp_path / "film.otio"))
    (clip,) = read.find_clips()
    assert isinstance(clip.media_reference, otio.schema.MissingReference)


def test_sounds_lie_by_kind_and_overlaps_get_a_track_of_their_own(tmp_path) -> None:
    rain = Cue(key="r", source="a", name="Rain", track="ambience", start=0, seconds=5)
    edit = f.film(
        f.shot(1, 0, 120),
        cues=(
            f.line(1, 0.5, 2.0, "One."),
            f.line(2, 1.0, 1.0, "Over it."),
            f.line(3, 2.5, 1.0, "Two."),
            rain,
        ),
    )
    tracks = written(edit, tmp_path).audio_tracks()
    heard = {
        track.name: [
            (clip.name, float(clip.range_in_parent().start_time.to_seconds()))
            for clip in track.find_clips()
        ]
        for track in tracks
    }
    assert heard == {
        "Dialogue 1": [("ANNA: One.", 0.5), ("ANNA: Two.", 2.5)],
        "Dialogue 2": [("ANNA: Over it.", 1.0)],
        "Ambience": [("Rain", 0.0)],
    }


def test_a_loop_is_repeated_to_fill_its_length(tmp_path) -> None:
    rain = Cue(key="r", source="a", name="Rain", track="ambience", start=1, seconds=5, loop=True)
    artifacts = dict([f.made("a", tmp_path / "rain.wav", 2.0)])
    (track,) = written(f.film(f.shot(1, 0, 144), cues=(rain,)), tmp_path, artifacts).audio_tracks()
    lengths = [clip.source_range.duration.to_seconds() for clip in track.find_clips()]
    assert lengths == [2.0, 2.0, 1.0]


def test_scenes_are_markers(tmp_path) -> None:
    timeline = written(f.film(f.shot(1, 0, 60)), tmp_path)
    (marker,) = timeline.tracks.markers
    assert (marker.name, marker.marked_range.duration.value) == ("INT. ROOM", 60)


def test_odd_rates_are_kept_exactly(tmp_path) -> None:
    rate = Fraction(24000, 1001)
    timeline = written(f.film(f.shot(1, 0, 60), rate=rate), tmp_path)
    assert timeline.global_start_time.rate == float(rate)
    assert picture(timeline).duration().to_seconds() == pytest.approx(float(60 / rate))
