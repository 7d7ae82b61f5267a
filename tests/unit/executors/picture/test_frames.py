# SPDX-License-Identifier: GPL-3.0-or-later
"""What the frames of a shot show."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.picture import (
    CAMERA_MOVES,
    SHOT_TYPES,
    Figure,
    Look,
    Setting,
    frames,
    portrait,
    still,
    vista,
    write_still,
)
from movie_director.executors._animatic.picture.camera import Camera
from movie_director.executors._animatic.picture.film import Film, warnings_of
from movie_director.executors._animatic.picture.places import _TABLE, KINDS, kind_of
from movie_director.executors._animatic.picture.staging import staged


def luma(picture: Any, index: int) -> np.ndarray[Any, Any]:
    return still(picture, index).astype(int).sum(axis=2) // 3


def changed(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """The share of pixels that differ visibly."""
    return float((np.abs(a.astype(int) - b.astype(int)) > 6).mean())


def test_closer_shots_show_larger_people(shot: Any) -> None:
    order = ("extreme_wide", "wide", "medium", "close_up", "extreme_close_up")
    sizes = []
    for name in order:
        picture = shot(shot_type=name, figures=shot().figures[:1])
        sizes.append(staged(picture, kind_of(picture.setting), 88.9).placed[0].cast.seat.size)
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_two_people_face_each_other(shot: Any) -> None:
    placed = staged(shot(), kind_of(shot().setting), 88.9).placed
    left, right = sorted((p.cast.seat for p in placed), key=lambda seat: seat.x)
    assert left.turn > 0 > right.turn


def test_people_keep_their_sides_through_a_scene(shot: Any) -> None:
    def order(picture: Any) -> list[str]:
        placed = staged(picture, kind_of(picture.setting), 88.9).placed
        return [p.figure.identity for p in sorted(placed, key=lambda p: p.cast.seat.x)]

    swapped = shot(figures=shot().figures[::-1], shot_type="wide")
    assert order(shot()) == order(swapped)


@pytest.mark.parametrize("kind", SHOT_TYPES)
def test_no_frame_is_black_or_blank(shot: Any, kind: str) -> None:
    picture = still(shot(shot_type=kind), 5)
    assert picture.shape == (180, 320, 3)
    assert picture.mean() > 20
    assert picture.std() > 12


@pytest.mark.parametrize("move", [m for m in CAMERA_MOVES if m != "static"])
def test_every_move_moves_the_picture(shot: Any, move: str) -> None:
    picture = shot(camera_move=move, captions=False, figures=(), shot_type="wide")
    film = Film(picture)
    first, last = (film.frame(i).y.copy() for i in (1, 23))
    assert changed(first, last) > 0.05


def test_a_static_empty_room_stays_as_it_is(shot: Any) -> None:
    picture = shot(captions=False, figures=(), setting=Setting(interior="INT", place="office"))
    film = Film(picture)
    film.air.clear()
    assert np.array_equal(film.frame(0).y, film.frame(23).y)


@pytest.mark.parametrize("move", CAMERA_MOVES)
@pytest.mark.parametrize("kind", ["wide", "close_up", "insert"])
def test_moves_fill_the_frame_to_its_borders(shot: Any, move: str, kind: str) -> None:
    film = Film(shot(camera_move=move, shot_type=kind, captions=False, width=200, height=120))
    for index in (0, 7, 12, 23):
        frame = film.frame(index)
        for edge in (frame.y[0], frame.y[-1], frame.y[:, 0], frame.y[:, -1]):
            assert edge.max() > 16, (move, kind, index)


def test_moves_are_eased_without_jumps() -> None:
    for move in CAMERA_MOVES:
        camera = Camera(move, 3.0, 1)
        path = np.array([[p.x, p.y, p.zoom * 100] for p in map(camera.pose, np.linspace(0, 3, 73))])
        speed = np.diff(path, axis=0)
        assert np.abs(np.diff(speed, axis=0)).max() < 0.12, move


def test_near_layers_move_more_when_the_camera_is_carried() -> None:
    truck, pan = Camera("truck", 2.0, 1), Camera("pan", 2.0, 1)
    assert abs(truck.seen(2.0, 1.7).x) > abs(truck.seen(2.0, 0.25).x)
    assert pan.seen(2.0, 1.7) == pan.seen(2.0, 0.25)


def test_only_the_speakers_mouth_moves(shot: Any, line: Any) -> None:
    spoken = shot(lines=(line,), captions=False, name_tags=False)
    film = Film(spoken)
    before, after = film.frame(1).y.astype(int), film.frame(7).y.astype(int)
    quiet = Film(shot(captions=False, name_tags=False))
    still_before, still_after = quiet.frame(1).y.astype(int), quiet.frame(7).y.astype(int)
    mara = next(a for a in film.actors if a.identity == "mara").cast.seat
    tom = next(a for a in film.actors if a.identity == "tom").cast.seat

    def mouth(frame: np.ndarray[Any, Any], seat: Any) -> np.ndarray[Any, Any]:
        x, y = (
            160 + (seat.x + seat.turn * 0.15 * seat.size) * 1.8,
            (seat.y + 0.29 * seat.size) * 1.8,
        )
        r = int(seat.size * 0.2 * 1.8)
        return frame[int(y) - r : int(y) + r, int(x) - r : int(x) + r]

    assert np.abs(mouth(before, mara) - mouth(after, mara)).max() > 25
    assert np.array_equal(mouth(before, tom), mouth(still_before, tom))
    assert np.array_equal(mouth(after, tom), mouth(still_after, tom))


def test_a_line_without_phoneme_times_still_moves_the_lips(shot: Any, line: Any) -> None:
    from dataclasses import replace

    from movie_director.executors._animatic.picture.actors import mouth_at

    plain = (replace(line, mouths=()),)
    assert len({mouth_at(plain, t / 24) for t in range(24)}) > 2
    assert mouth_at(plain, 1.5) == "rest"


def test_captions_can_be_switched_off(shot: Any, line: Any) -> None:
    shown, hidden = (still(shot(lines=(line,), captions=c), 12) for c in (True, False))
    assert changed(shown[120:], hidden[120:]) > 0.02
    assert changed(shown[:60], hidden[:60]) == 0


def test_name_tags_can_be_switched_off(shot: Any) -> None:
    assert changed(still(shot(), 3), still(shot(name_tags=False), 3)) > 0.002


def test_burn_in_shows_a_running_timecode(shot: Any) -> None:
    off, on = (
        Film(shot(width=640, height=360)),
        Film(shot(burn_in=True, number="1A", width=640, height=360)),
    )
    corner = np.s_[:40, 400:]
    assert changed(off.frame(3).y[corner], on.frame(3).y[corner]) > 0.02
    a, b = on.frame(3).y.copy()[corner], on.frame(4).y.copy()[corner]
    assert changed(a, b) > 0


def test_a_warm_look_is_redder_and_a_cold_one_bluer(shot: Any) -> None:
    warm, cold = (still(shot(look=Look(temperature=k)), 0).mean(axis=(0, 1)) for k in (2600, 9800))
    assert warm[0] / warm[2] > 1.3 * cold[0] / cold[2]


def test_a_palette_pulls_the_picture_to_its_colours(shot: Any) -> None:
    red, blue = (
        still(shot(look=Look(palette=p)), 0).mean(axis=(0, 1))
        for p in (("#3a0d12", "#c4323c", "#ffd9cf"), ("#0d1a3a", "#2f62c4", "#cfe6ff"))
    )
    assert red[0] > red[2] + 25
    assert blue[2] > blue[0] + 25


def test_saturation_and_contrast_show(shot: Any) -> None:
    grey = still(shot(look=Look(saturation=0.0)), 0).astype(int)
    assert np.abs(grey[:, :, 0] - grey[:, :, 2]).mean() < 4
    flat, hard = (still(shot(look=Look(contrast=c)), 0).std() for c in (0.5, 1.6))
    assert hard > flat * 1.3


@pytest.mark.parametrize(
    "word", ["noir", "watercolour", "pastel", "comic", "pencil", "neon", "sepia"]
)
def test_style_words_change_the_picture(shot: Any, word: str) -> None:
    assert changed(still(shot(), 0), still(shot(look=Look(keywords=(word,))), 0)) > 0.3


def test_a_lut_is_applied(shot: Any, tmp_path: Any) -> None:
    cube = tmp_path / "swap.cube"
    rows = [f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    cube.write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    plain, swapped = (
        still(shot(look=Look(lut=p, intensity=1.0)), 0).mean(axis=(0, 1)) for p in ("", str(cube))
    )
    assert (plain[0] > plain[2]) != (swapped[0] > swapped[2])


def test_a_broken_lut_is_refused(shot: Any, tmp_path: Any) -> None:
    cube = tmp_path / "bad.cube"
    cube.write_text("LUT_3D_SIZE 4\n0 0 0\n")
    with pytest.raises(MediaError, match=r"bad\.cube"):
        still(shot(look=Look(lut=str(cube))), 0)


@pytest.mark.parametrize("stem", [stem for _, stems in _TABLE for stem in stems])
def test_every_place_word_has_a_painter(stem: str) -> None:
    assert kind_of(Setting(place=f"the old {stem}")) in KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_painter_paints_by_day_and_by_night(kind: Any) -> None:
    stem = next((stems[0] for k, stems in _TABLE if k is kind), "")
    for hour in ("day", "night"):
        picture = vista(Setting(place=stem, time_of_day=hour), Look(), 160, 90)
        assert picture.std() > 8
        assert picture.mean() > 8


@pytest.mark.parametrize("size", [(16, 16), (90, 160), (1920, 1080), (128, 64), (540, 230)])
def test_frames_of_any_size_and_shape_are_made(shot: Any, line: Any, size: tuple[int, int]) -> None:
    width, height = size
    for kind in ("wide", "over_the_shoulder"):
        picture = shot(
            width=width, height=height, shot_type=kind, lines=(line,), camera_move="handheld"
        )
        assert still(picture, 4).shape == (height, width, 3)


@pytest.mark.parametrize("weather", ["rain", "storm", "snow", "fog", "wind", "cloud", "dust"])
def test_weather_moves(shot: Any, weather: str) -> None:
    picture = shot(
        figures=(), captions=False, setting=Setting(interior="EXT", place="field", weather=weather)
    )
    film = Film(picture)
    if weather == "cloud":
        assert (
            changed(
                still(picture, 0),
                still(
                    shot(
                        figures=(), captions=False, setting=Setting(interior="EXT", place="field")
                    ),
                    0,
                ),
            )
            > 0.05
        )
    else:
        assert not np.array_equal(film.frame(2).y.copy(), film.frame(20).y)


def test_the_same_person_wears_the_same_clothes_in_every_shot(shot: Any) -> None:
    a = portrait(Figure(name="Ada", identity="ada"), 96, Look())
    assert a.shape == (96, 96, 3)
    assert np.array_equal(a, portrait(Figure(name="Ada", identity="ada"), 96, Look()))
    assert changed(a, portrait(Figure(name="Bo", identity="bo"), 96, Look())) > 0.05


def test_cyrillic_and_greek_need_no_warning_and_unknown_scripts_get_one(
    shot: Any, line: Any
) -> None:
    from dataclasses import replace

    assert warnings_of(shot(lines=(replace(line, text="Где он? Πού είναι;"),))) == ()
    found = warnings_of(shot(lines=(replace(line, text="\U00012000 said he"),)))
    assert len(found) == 1
    assert "Noto Sans Cuneiform" in found[0]


def test_the_longest_caption_stays_inside_the_frame(shot: Any, line: Any) -> None:
    from dataclasses import replace

    long = replace(line, text="Donaudampfschifffahrtsgesellschaftskapitän " * 40)
    picture = still(shot(lines=(long,)), 12)
    assert changed(picture[:, :4], still(shot(), 12)[:, :4]) < 0.8
    assert np.array_equal(picture[:20], still(shot(), 12)[:20])


def test_frames_come_one_by_one_and_all_of_them(shot: Any) -> None:
    assert sum(1 for _ in frames(shot(frames=7))) == 7


def test_a_characters_own_picture_stands_in_for_the_drawing(shot: Any, tmp_path: Any) -> None:
    from dataclasses import replace

    own = tmp_path / "mara.png"
    write_still(np.full((120, 100, 3), (20, 200, 70), np.uint8), own)
    mara = replace(shot().figures[0], images=(str(own),))
    made = still(shot(figures=(mara,), captions=False, name_tags=False), 0).astype(int)
    green = (made[:, :, 1] > made[:, :, 0] + 90) & (made[:, :, 1] > made[:, :, 2] + 60)
    assert green.mean() > 0.05
    assert portrait(mara, 64, Look())[32, 32, 1] > 180


def test_a_grey_look_leaves_no_colour_on_a_face(shot: Any) -> None:
    grey = still(shot(look=Look(saturation=0.0), shot_type="close_up", captions=False), 3).astype(
        int
    )
    assert (grey.max(axis=2) - grey.min(axis=2)).max() < 24


def test_a_start_image_dissolves_into_the_shot(shot: Any, tmp_path: Any) -> None:
    own = tmp_path / "start.png"
    write_still(np.full((180, 320, 3), (30, 60, 200), np.uint8), own)
    plain = shot(captions=False, name_tags=False)
    film, alone = Film(shot(captions=False, name_tags=False, start_image=str(own))), Film(plain)
    first = film.frame(0).rgb().astype(int)
    assert np.abs(first - (30, 60, 200)).max() < 10
    assert np.array_equal(film.frame(20).y, alone.frame(20).y)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("MARA'S APARTMENT - KITCHEN", "kitchen"),
        ("TRAIN STATION PLATFORM", "platform"),
        ("TRAIN CAR", "carriage"),
        ("STATION CAFE", "cafe"),
        ("POLICE STATION", "office"),
        ("KITCHEN OF THE OLD HOUSE", "kitchen"),
        ("SPACE STATION", "spaceship"),
        ("CAR PARK", "street"),
        ("COURTYARD", "alley"),
        ("BARN", "attic"),
        ("УЛИЦА", "street"),
        ("FORÊT", "forest"),
        ("車站 駅", "platform"),
        ("WOODEN ROOM", "room"),
    ],
)
def test_headings_name_the_place_a_reader_would_see(place: str, kind: str) -> None:
    assert kind_of(Setting(place=place)).name == kind


def test_captions_never_lie_over_each_other(shot: Any, line: Any) -> None:
    from dataclasses import replace

    from movie_director.executors._animatic.picture.captions import titles

    answer = replace(line, identity="tom", name="Tom", text="Gone.", start_s=1.0, end_s=2.0)
    together = replace(answer, start_s=0.2)
    follow = titles(shot(lines=(line, answer)), {})
    assert [(a.end <= b.start) for a, b in pairwise(follow)] == [True]
    assert len(titles(shot(lines=(line, together)), {})) == 1
