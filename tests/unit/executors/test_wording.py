# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film asks of a generator, in words and numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest
from movie_director.core.step import AMBIENCE, MUSIC, SOUND, ArtifactRef, StepId
from movie_director.executors._wording import (
    LoRAFile,
    Picture,
    Sound,
    Speech,
    opening_of,
    picture_of,
    sound_of,
    speech_of,
)

ANNA: dict[str, Any] = {
    "node": "anna", "name": "Anna", "description": "a woman of 30,\nred coat", "images": [],
    "tier": "enhanced", "lora": None, "lora_strength": 0.8,
}  # fmt: skip
STATION: dict[str, Any] = {
    "node": "station", "description": "an empty platform", "interior": "ext", "place": "station",
    "time_of_day": "night", "weather": "rain", "season": "any", "mood": "lonely",
    "lighting": "neon", "images": [],
}  # fmt: skip
NOIR: dict[str, Any] = {
    "node": "noir", "description": "hard shadows", "keywords": "film noir", "palette": ("#101010",),
    "images": [], "lora": None, "lora_strength": 0.6, "intensity": 0.5, "temperature": 3200.0,
    "contrast": 1.5, "saturation": 0.0, "lut": None,
}  # fmt: skip


def shot(**changes: Any) -> dict[str, Any]:
    usual = {
        "action": "She *waits* for the train.", "negative": "crowd", "shot_type": "wide",
        "camera_move": "dolly_in", "duration": 2.0, "media": None, "seed": 7, "take": 1,
        "figures": [ANNA], "environment": STATION, "style": NOIR, "image": None, "lines": [],
        "size": [1280, 720], "fps": 24.0,
    }  # fmt: skip
    return usual | changes


def file(name: str) -> FileRef:
    return FileRef(path=Path(name), content=Digest(name))


def nothing_said(ref: ArtifactRef) -> float:
    raise AssertionError(ref)


def test_a_shot_is_put_into_words_in_the_order_encoders_heed_them() -> None:
    assert picture_of(shot(), nothing_said) == Picture(
        prompt=(
            "wide shot. She waits for the train. the camera moves in. "
            "Anna: a woman of 30, red coat. exterior, station, an empty platform, night, rain, "
            "neon lighting, lonely mood. film noir style, hard shadows, colours #101010, "
            "warm light, high contrast, black and white"
        ),
        motion="wide shot. She waits for the train. the camera moves in",
        negative="crowd. text, subtitles, watermark, logo, blurry, distorted anatomy",
        seed=7,
        width=1280,
        height=720,
        frames=48,
        rate=Fraction(24),
        tier="enhanced",
    )


def test_a_still_says_what_is_seen_and_nothing_that_moves_or_sounds() -> None:
    asked = {name: shot()[name] for name in ("action", "negative", "shot_type", "seed", "take",
             "figures", "environment", "style", "size")} | {"tier": "enhanced"}  # fmt: skip
    found = opening_of(asked)
    assert found.prompt.startswith("wide shot. She waits for the train. Anna: a woman of 30")
    assert "camera" not in found.prompt
    assert (found.frames, found.seed, found.tier) == (1, 7, "enhanced")


def test_everybody_is_shown_once_and_the_place_before_anybody_twice() -> None:
    two = [
        {**ANNA, "images": [file("a1"), file("a2")]},
        {**ANNA, "name": "", "images": [file("b")]},
    ]
    where = {**STATION, "images": [file("p")]}
    asked = shot(figures=two, environment=where) | {"tier": ""}
    found = opening_of(asked)
    assert [(each.file.path.name, each.of) for each in found.images] == [
        ("a1", "Anna"), ("b", "somebody"), ("p", "the place"), ("a2", "Anna"),
    ]  # fmt: skip


def test_a_shot_of_nothing_but_its_frame_still_has_words() -> None:
    bare = shot(action="", figures=[], environment=None, style=None, camera_move="static")
    assert picture_of(bare, nothing_said).prompt == "wide shot. static camera"


def test_what_is_said_sets_the_length_and_says_who_speaks() -> None:
    line = {
        "speech": ArtifactRef(step=StepId("line:speech")), "speaker": "Anna", "pause": 0.0,
        "together": False, "off_screen": False, "emotion": "angry",
    }  # fmt: skip
    found = picture_of(shot(lines=[line], duration=0.0), lambda ref: 4.0)
    assert "Anna speaking (angry)" in found.prompt
    assert found.seconds > 4.0


def test_another_take_has_another_seed() -> None:
    assert picture_of(shot(take=3), nothing_said).seed == 9


def test_the_start_image_is_the_clip_it_is_taken_from() -> None:
    ref = ArtifactRef(step=StepId("shot_010:clip"))
    found = picture_of(shot(image={"clip": ref, "frame": "last"}), nothing_said)
    assert found.start == ref


def test_a_face_outweighs_the_style() -> None:
    figure, style = ANNA | {"lora": file("anna")}, NOIR | {"lora": file("noir")}
    found = picture_of(shot(figures=[figure], style=style), nothing_said).loras
    assert found == (
        LoRAFile(file=file("anna"), strength=0.8),
        LoRAFile(file=file("noir"), strength=0.6),
    )


def test_a_face_outweighs_a_strong_style_by_more() -> None:
    figure = ANNA | {"lora": file("anna")}
    style = NOIR | {"lora": file("noir"), "intensity": 0.9}
    found = picture_of(shot(figures=[figure], style=style), nothing_said).loras
    assert [each.strength for each in found] == [0.9, 0.4]


def test_a_strong_style_alone_keeps_its_strength() -> None:
    style = NOIR | {"lora": file("noir"), "intensity": 0.9}
    found = picture_of(shot(style=style), nothing_said).loras
    assert [each.strength for each in found] == [0.6]


def test_a_likeness_that_the_film_learned_is_called_by_its_word_and_weighs_as_any_other() -> None:
    step = StepId("anna:lora_training")
    figure = ANNA | {"lora": ArtifactRef(step=step), "trigger": "md_anna"}
    style = NOIR | {"lora": file("noir"), "intensity": 0.9}
    wish = shot(figures=[figure], style=style)
    found = picture_of(wish, nothing_said, {step: "md_anna_1.safetensors"})
    assert [(each.file.path.name, each.strength) for each in found.loras] == [
        ("md_anna_1.safetensors", 0.9), (file("noir").path.name, 0.4),
    ]  # fmt: skip
    assert "md_anna, Anna: a woman of 30" in found.prompt
    assert "md_anna" not in found.motion


def test_a_likeness_that_nobody_learned_leaves_the_shot_as_it_is_without() -> None:
    figure = ANNA | {"lora": ArtifactRef(step=StepId("anna:lora_training")), "trigger": "md_anna"}
    assert picture_of(shot(figures=[figure]), nothing_said) == picture_of(
        shot(figures=[ANNA]), nothing_said
    )


def test_a_word_for_a_lora_of_ones_own_is_said() -> None:
    figure = ANNA | {"lora": file("anna"), "trigger": "ohwx woman"}
    assert "ohwx woman, Anna: a" in picture_of(shot(figures=[figure]), nothing_said).prompt


def test_the_users_own_pictures_are_handed_on_by_what_they_show() -> None:
    made = picture_of(
        shot(
            figures=[ANNA | {"images": [file("anna.png")]}],
            environment=STATION | {"images": [file("station.png")]},
            style=NOIR | {"images": [file("noir.png")]},
            media=file("own.mp4"),
        ),
        nothing_said,
    )
    assert (made.references, made.places, made.styles, made.media) == (
        (file("anna.png"),),
        (file("station.png"),),
        (file("noir.png"),),
        file("own.mp4"),
    )


def test_a_sound_effect_without_a_length_has_the_usual_one() -> None:
    wish = {
        "prompt": "footsteps on gravel", "mood": "distant", "seconds": 0.0, "loop": True,
        "seed": 3, "recording": None,
    }  # fmt: skip
    assert sound_of(SOUND, wish, nothing_said) == Sound(
        prompt="footsteps on gravel. distant",
        negative="music, speech, distortion",
        seed=3,
        seconds=2.0,
        loop=True,
    )


def test_music_is_as_long_as_its_scene() -> None:
    span = {"fps": 24.0, "shots": [shot(), shot()], "dissolves": [0.0, 0.0], "gaps": [0.0, 0.0]}
    wish = {
        "prompt": "a slow waltz", "mood": "sad", "tempo": 90.0, "seed": 1, "recording": None,
        "seconds": 0.0, "span": span,
    }  # fmt: skip
    found = sound_of(MUSIC, wish, nothing_said)
    assert found.prompt == "a slow waltz. sad mood. 90 beats per minute. instrumental film score"
    assert (found.seconds, found.tempo) == (4.0, 90.0)


def test_ambience_says_where_and_when() -> None:
    span = {"fps": 24.0, "shots": [shot()], "dissolves": [0.0], "gaps": [0.0]}
    wish = {"setting": STATION, "span": span, "seed": 1}
    found = sound_of(AMBIENCE, wish, nothing_said)
    assert found.prompt == "background ambience. exterior. station. at night. rain. lonely mood"


def test_a_line_is_what_is_said_and_who_says_it_how() -> None:
    wish = {
        "text": "I *said* no.", "emotion": "angry", "recording": None,
        "speaker": {"identity": "anna", "name": "Anna", "description": "old", "voice": None},
    }  # fmt: skip
    assert speech_of(wish) == Speech(
        text="I said no.",
        emotion="angry",
        speaker="Anna",
        description="old",
        language="",
        voice={},
    )
