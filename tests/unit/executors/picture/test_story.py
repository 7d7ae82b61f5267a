# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of an action put into the picture: trains, things people have, strangers."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from movie_director import api
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.picture import Figure, Look, Setting, still
from movie_director.executors._animatic.picture.captions import titles
from movie_director.executors._animatic.picture.carried import carried
from movie_director.executors._animatic.picture.passage import moving
from movie_director.executors._animatic.picture.places import kind_of
from movie_director.executors._animatic.picture.staging import Placed, staged
from movie_director.executors._animatic.picture.wardrobe import person_of

NIGHT = Setting(interior="EXT", place="platform", time_of_day="night", weather="rain")
VERA = Figure(name="Vera", identity="vera", description="a small woman in a dark coat, 30s")


def changed(a: Any, b: Any) -> float:
    return float((np.abs(a.astype(int) - b.astype(int)) > 6).mean())


def placed(picture: Any) -> tuple[Placed, ...]:
    return staged(picture, kind_of(picture.setting), 88.9).placed


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("The last train pulls in.", "arrives"),
        ("The train pulls out without Vera.", "leaves"),
        ("A train stands at the platform.", "stands"),
        ("She waits for the train.", ""),
        ("No train. Only rain.", ""),
        ("He trains hard.", ""),
        ("Поезд приближается.", "arrives"),
    ],
)
def test_a_train_does_what_the_action_says(action: str, expected: str) -> None:
    assert moving(action) == expected


def test_a_train_pulls_in_during_the_shot_and_is_not_there_before(shot: Any) -> None:
    usual = {"setting": NIGHT, "figures": (), "shot_type": "wide", "captions": False, "frames": 96}
    empty, arriving = shot(**usual), shot(**usual, action="The train pulls in.")
    assert changed(still(empty, 0), still(arriving, 0)) < 0.002
    assert changed(still(empty, 95), still(arriving, 95)) > 0.05


def test_a_train_that_pulls_out_is_gone_at_the_end(shot: Any) -> None:
    usual = {"setting": NIGHT, "figures": (), "shot_type": "wide", "captions": False, "frames": 144}
    empty, leaving = shot(**usual), shot(**usual, action="The train pulls out.")
    assert changed(still(empty, 0), still(leaving, 0)) > 0.05
    assert changed(still(empty, 143), still(leaving, 143)) < 0.02


@pytest.mark.parametrize(
    ("action", "description", "expected"),
    [
        ("Under it stands Vera, alone with a suitcase.", "", ("bag",)),
        ("Vera holds the suitcase on her knees.", "", ("bag",)),
        ("Oskar waits.", "60s, an old conductor with a lantern", ("lantern",)),
        ("She walks under her red umbrella.", "", ("umbrella",)),
        ("She talks about the suitcase.", "", ()),
        ("Vera waits.", "a woman with a gun collection", ()),
    ],
)
def test_people_have_with_them_what_words_give_them(
    action: str, description: str, expected: tuple[str, ...]
) -> None:
    assert carried(action, description, "stand") == expected


def test_nobody_holds_what_lies_on_the_bench(shot: Any) -> None:
    usual = {"setting": NIGHT, "figures": (VERA,), "shot_type": "wide", "captions": False}
    with_bag = shot(**usual, action="Vera stands. On the bench, the suitcase.")
    assert placed(with_bag)[0].things == ()
    assert changed(still(shot(**usual, action="Vera stands."), 0), still(with_bag, 0)) > 0.001


def test_two_under_an_umbrella_are_two_and_one_of_them_holds_it(shot: Any) -> None:
    two = {"figures": (VERA,), "shot_type": "wide", "action": "Under the umbrella, two."}
    seen = placed(shot(**two, setting=NIGHT))
    assert sorted(len(p.things) for p in seen) == [0, 1]
    assert [p.figure.name for p in seen].count("") == 1


def test_whoever_steps_down_reaches_the_mark_at_the_end(shot: Any) -> None:
    entering = placed(shot(figures=(VERA,), shot_type="wide", action="Vera steps down."))
    passing = placed(shot(figures=(VERA,), shot_type="wide", action="Vera walks along."))
    assert [p.enters for p in (*entering, *passing)] == [True, False]


def test_captions_tell_the_story_and_not_the_camera(shot: Any) -> None:
    def plate(action: str) -> Any:
        (title,) = titles(shot(action=action, frames=120), {})
        return title.plate.store.phases[0]

    assert np.array_equal(plate("CLOSE ON MARA. (32) She *smiles*."), plate("She smiles."))
    assert titles(shot(action="BACK TO SCENE", frames=120), {}) == []


def test_noir_by_night_can_still_be_read(shot: Any) -> None:
    noir = Look(keywords=("noir",), contrast=1.35, saturation=0.25)
    picture = shot(look=noir, setting=NIGHT, figures=(VERA,), shot_type="extreme_wide")
    luma = still(picture, 0).astype(int).mean(axis=2)
    lower = luma[luma.shape[0] // 2 :]
    assert lower.mean() > 24
    assert np.percentile(lower, 95) > 60


def test_fog_takes_the_colour_of_the_look(shot: Any) -> None:
    fog = Setting(interior="EXT", place="field", time_of_day="dawn", weather="fog")
    grey = Look(keywords=("noir",), saturation=0.0)
    image = still(shot(look=grey, setting=fog, figures=(), captions=False), 0).astype(int)
    assert (image.max(axis=2) - image.min(axis=2)).max() < 24


def test_a_phone_s_clip_held_upright_is_shown_upright(shot: Any, tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        image = np.zeros((32, 64, 3), np.uint8)
        image[:, :32] = 255  # the left half of what was recorded is the top of what was seen
        for frame in range(4):
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts = frame
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 4 + 20 + 16
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 32 << 16, 0, 1 << 30)  # fmt: skip
    path.write_bytes(data)
    seen = still(shot(media=str(path), captions=False), 0).mean(axis=2)
    assert max(seen[:, :100].max(), seen[:, 220:].max()) < 20  # upright: bars at the sides
    assert seen[20, 160] > 200 > 60 > seen[160, 160]


def test_a_playlist_is_no_picture(shot: Any, tmp_path: Path) -> None:
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nother.mp4\n")
    with pytest.raises(MediaError, match=r"list\.mp4 could not be read"):
        still(shot(media=str(tmp_path / "list.mp4")), 0)


def test_letters_no_font_has_are_left_out_rather_than_drawn_as_boxes(shot: Any) -> None:
    nobody = "\U00012000\U00012001\U00012002"  # cuneiform: no font here has it
    assert titles(shot(action=nobody, frames=96), {}) == []
    assert len(titles(shot(action="Она молчит.", frames=96), {})) == 1


def test_a_caption_says_more_than_the_name_tags(shot: Any) -> None:
    assert titles(shot(action="Mara and Tom.", frames=96), {}) == []


@pytest.mark.parametrize(
    ("description", "red"),
    [
        ("une femme en robe rouge", True),
        ("женщина в красном платье", True),
        ("a woman in a red dress", True),
        ("a woman in a dress, red shoes", False),
    ],
)
def test_clothes_have_the_colour_they_are_said_to_have(description: str, red: bool) -> None:
    r, g, b = person_of(Figure(identity="someone", description=description)).outer
    assert (r > 1.8 * max(g, b) and (r, g, b) == (179.0, 53.0, 47.0)) == red


def test_nobody_opens_an_umbrella_indoors_and_children_are_small(shot: Any) -> None:
    boy = Figure(name="Ben", identity="ben", description="boy, 9")
    usual = {"figures": (VERA, boy), "shot_type": "wide", "action": "Vera with an umbrella."}
    inside, outside = placed(shot(**usual)), placed(shot(**usual, setting=NIGHT))
    assert [p.things for p in inside if p.figure is VERA] == [()]
    assert [p.things for p in outside if p.figure is VERA] == [("umbrella",)]
    heads = {p.figure.name: p.cast.seat.y for p in outside}
    assert heads["Ben"] > heads["Vera"] + 8


def test_a_place_without_int_or_ext_is_inside_when_it_has_a_roof(tmp_path: Path) -> None:
    script = tmp_path / "film.fountain"
    script.write_text(".KITCHEN - NIGHT\n\nRain.\n\n.BEACH - DAY\n\nSun.\n")
    film = api.read(script)
    sides = {n.id: n.params.get("interior", "ext") for n in film.nodes if n.type == "environment"}
    assert sides == {"kitchen": "int", "beach": "ext"}


def test_somebody_far_off_is_seen_behind_a_face(shot: Any) -> None:
    usual = {"setting": NIGHT, "figures": (VERA,), "shot_type": "close_up", "captions": False}
    alone = shot(**usual, action="She follows his eyes.")
    seen = shot(**usual, action="She follows his eyes: far down the platform, a man.")
    assert changed(still(alone, 0), still(seen, 0)) > 0.002
