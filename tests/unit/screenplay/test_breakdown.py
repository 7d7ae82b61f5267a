"""What a script becomes: people, places, shots, lines, sounds and score."""

from __future__ import annotations

from types import ModuleType

import pytest
from movie_director.core.sound_words import sounds_in
from movie_director.screenplay import Breakdown, Settings, break_down, read
from movie_director.screenplay.camera import framing
from movie_director.screenplay.pieces import split_scenes


def found(text: str, settings: Settings | None = None) -> Breakdown:
    return break_down(read(text), settings)


def types(breakdown: Breakdown) -> list[str]:
    return [shot.type for shot in breakdown.shots]


TALK = """INT. KITCHEN - NIGHT

A small kitchen. Rain on the window.

ANNA
Where were you?

BORIS
Out.

ANNA
You promised!

BORIS
I know.
"""


def test_a_scene_has_three_shots_however_little_is_written() -> None:
    for text in ("INT. A - DAY\n", "INT. A - DAY\n\nDark.\n", "EXT. B - DAY\n\nANNA (30) waits.\n"):
        scenes = found(text).scenes
        assert [len(scene.shots) for scene in scenes] == [3]
    assert types(found("EXT. SEA - DAY\n\nWaves.\n"))[0] == "extreme_wide"


def test_a_talk_of_two_is_established_covered_and_reacted_to() -> None:
    breakdown = found(TALK)
    assert len(breakdown.shots) >= 4
    assert types(breakdown)[:2] == ["wide", "medium"]
    reaction = next(shot for shot in breakdown.shots if shot.action == "Boris listens.")
    before = breakdown.shots[breakdown.shots.index(reaction) - 1]
    assert (reaction.type, reaction.people) == ("close_up", ("boris",))
    assert before.lines[-1].piece.text == "You promised!"
    assert before.type == "close_up"


def test_the_settings_ask_for_more_shots_and_fewer_sounds() -> None:
    breakdown = found(TALK, Settings(dialogue_shots=9, sound_effects=False))
    assert len(breakdown.shots) == 9
    assert not any(shot.sounds for shot in breakdown.shots)


def test_every_sentence_and_line_is_in_exactly_one_shot_in_order(scripts: ModuleType) -> None:
    script = read(scripts.feature(10))
    pieces = [p for scene in split_scenes(script) for p in scene.pieces]
    shots = break_down(script).shots
    lines = [line.piece for shot in shots for line in shot.lines]
    sentences = [piece for shot in shots for piece in shot.pieces]
    assert lines == [p for p in pieces if p.kind == "line"]
    assert sentences == [p for p in pieces if p.kind == "sentence"]


def test_the_same_script_gives_the_same_film(last_train: str) -> None:
    assert found(last_train) == found(last_train)


@pytest.mark.parametrize(
    ("text", "type", "move"),
    [
        ("CLOSE ON THE WATCH.", "close_up", ""),
        ("EXTREME CLOSE UP: an eye.", "extreme_close_up", ""),
        ("INSERT - THE LETTER", "insert", ""),
        ("ANGLE ON Boris.", "medium", ""),
        ("ANNA'S P.O.V. The road.", "medium", "handheld"),
        ("AERIAL SHOT of the city.", "extreme_wide", ""),
        ("OVER THE SHOULDER of Anna.", "over_the_shoulder", ""),
        ("We PAN across the room.", "", "pan"),
        ("CRANE UP over the roofs.", "", "crane"),
        ("TRACKING SHOT along the wall.", "", "truck"),
        ("The camera slowly pushes in on Anna.", "", "dolly_in"),
        ("КРУПНЫЙ ПЛАН: письмо.", "close_up", ""),
        ("GROS PLAN sur la clé.", "close_up", ""),
        ("He fries eggs in a pan on a wide stove.", "", ""),
        ("We see a close friend insert a coin.", "", ""),
    ],
)
def test_camera_words_are_obeyed_and_prose_is_left_alone(text: str, type: str, move: str) -> None:
    said = framing(text)
    assert (said.type, said.move) == (type, move)


def test_aliases_merge_and_strangers_do_not() -> None:
    text = "INT. A - DAY\n\n" + "".join(
        f"{name}\nHello.\n\n"
        for name in ("ANNA (V.O.)", "ANNA VOLKOVA", "YOUNG ANNA", "COP 1", "COP 2", "ANNA (CONT'D)",
                     "MR. BROWN", "BROWN", "MAN", "MAN IN HAT", "ZOË", "@Zoë")
    )  # fmt: skip
    people = found(text).people
    assert [(p.name, p.aliases, p.lines) for p in people] == [
        ("Anna", ("Anna Volkova",), 3), ("Young Anna", (), 1), ("Cop 1", (), 1), ("Cop 2", (), 1),
        ("Mr. Brown", ("Brown",), 2), ("Man", (), 1), ("Man in Hat", (), 1), ("Zoë", (), 2),
    ]  # fmt: skip


def test_aliases_can_be_declared_on_the_node_the_title_page_or_in_a_note() -> None:
    body = "INT. A - DAY\n\nSTRANGER\nHi.\n\nBORIS\nHo.\n"
    for text, settings in (
        (body, Settings(aliases=("STRANGER = BORIS",))),
        (f"Title: x\nAliases: STRANGER = BORIS\n\n{body}", Settings()),
        (f"[[alias: STRANGER = BORIS]]\n\n{body}", Settings()),
    ):
        assert [(p.name, p.lines) for p in found(text, settings).people] == [("Boris", 2)]


@pytest.mark.parametrize(
    ("action", "description"),
    [
        ("ANNA (30s), a tired conductor in a grey coat, punches tickets.", "30s, a tired conductor in a grey coat"),
        ("ANNA, 60, silver beard, waits.", "60, silver beard"),
        ("ANNA waits.", ""),
        ("Enter ANNA (the last passenger).", "the last passenger"),
        ("АННА (30), усталая женщина, садится.".replace("АННА", "ANNA"), "30, усталая женщина"),
    ],
)  # fmt: skip
def test_descriptions_are_gleaned_from_introductions(action: str, description: str) -> None:
    people = found(f"INT. A - DAY\n\n{action}\n\nANNA\nHello.\n").people
    assert [person.description for person in people] == [description]


def test_a_place_at_another_time_is_a_variant_and_continuous_inherits() -> None:
    text = "".join(
        f"{heading}\n\nSomething happens in the rain.\n\n"
        for heading in ("EXT. STREET - NIGHT", "INT. CAR - CONTINUOUS", "EXT. STREET - DAY",
                        "ext. Street - night", "INT. CAR - LATER")
    )  # fmt: skip
    breakdown = found(text)
    assert [(p.key, p.time, p.variant_of, p.kind, p.weather) for p in breakdown.places] == [
        ("street", "night", "", "street", "rain"), ("car", "night", "", "car", "rain"),
        ("street_day", "day", "street", "street", "rain"),
    ]  # fmt: skip
    assert [scene.place for scene in breakdown.scenes] == [
        "street", "car", "street_day", "street", "car",
    ]  # fmt: skip


def test_bracketed_cues_and_noisy_action_become_sounds() -> None:
    breakdown = found(
        "EXT. ROAD - NIGHT\n\n[Footsteps on gravel]\n\nA car horn honks. The dog barks. Rain falls.\n"
    )
    sounds = [sound for shot in breakdown.shots for sound in shot.sounds]
    assert sounds[0].prompt == "Footsteps on gravel"
    assert sounds[0].cue
    assert [sounds_in(sound.prompt) for sound in sounds] == [
        ("footsteps_gravel",), ("car_horn",), ("dog_bark",),
    ]  # fmt: skip


def test_voices_from_elsewhere_do_not_cut_and_dual_lines_begin_together() -> None:
    breakdown = found(
        "INT. A - DAY\n\nA room.\n\nANNA (V.O.)\nOnce.\n\nBORIS\nYes!\n\nANNA ^\nNo!\n"
    )
    over, dual = (shot for shot in breakdown.shots if shot.lines)
    assert over.lines[0].off_screen
    assert over.pieces
    assert [line.together for line in dual.lines] == [False, True]


def test_beats_become_pauses_and_parentheticals_emotions() -> None:
    text = "INT. A - DAY\n\nANNA\n(whispering)\nOne.\n(beat)\nTwo.\n"
    lines = [line for shot in found(text).shots for line in shot.lines]
    assert [(line.emotion, line.pause) for line in lines] == [("whispering", 0.0), ("", 1.0)]


def test_transitions_carry_over_to_the_scenes_they_stand_between() -> None:
    text = (
        "FADE IN:\n\nINT. A - DAY\n\nOne.\n\nDISSOLVE TO:\n\nINT. B - DAY\n\nTwo.\n\nCUT TO:\n\n"
        "INT. C - DAY\n\nThree.\n\nFADE OUT.\n"
    )
    kinds = [(scene.enter.kind, scene.leave.kind) for scene in found(text).scenes]
    assert kinds == [("fade", "cut"), ("dissolve", "cut"), ("cut", "fade")]


def test_a_page_takes_about_a_minute(scripts: ModuleType) -> None:
    breakdown = found(scripts.feature(30))
    assert 0.6 * 30 * 60 < breakdown.seconds < 1.5 * 30 * 60


def test_the_title_page_sets_the_style_and_a_variant_for_the_night() -> None:
    look = found("Title: X\nStyle: noir\nNight style: colder\n\nINT. A - DAY\n\nx\n").look
    assert look.name == "Noir"
    assert dict(look.params)["saturation"] == 0.25
    assert look.variants == (("night", "colder"),)
    assert found("INT. A - DAY\n\nx\n").look.name == "Cinematic"


@pytest.mark.parametrize(("name", "code"), [("mini_ru", "ru"), ("mini_fr", "fr")])
def test_small_films_in_other_languages_are_understood(
    name: str, code: str, scripts: ModuleType
) -> None:
    breakdown = break_down(read((scripts.DATA / f"{name}.fountain").read_bytes()))
    assert breakdown.language == code
    assert len(breakdown.scenes) == 2
    assert [place.interior for place in breakdown.places] == ["int", "ext"]
    assert {place.weather for place in breakdown.places} & {"rain", "fog"}
    assert all(person.description or person.lines for person in breakdown.people)
    assert sum(line.off_screen for shot in breakdown.shots for line in shot.lines) == 1


def test_omitted_scenes_are_no_scenes_and_an_empty_script_has_none() -> None:
    assert [s.key for s in found("INT. A - DAY\n\nx\n\n.OMITTED #2#\n").scenes] == ["scene_01"]
    assert found("").scenes == ()
    assert found("Title: x\n").scenes == ()
