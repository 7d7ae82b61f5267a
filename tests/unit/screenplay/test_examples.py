"""The examples are what their pages promise."""

from __future__ import annotations

from types import ModuleType

from movie_director.screenplay import Kind, break_down, read


def test_last_train_has_three_scenes_ten_shots_and_everything_a_script_can_have(
    last_train: str,
) -> None:
    script = read(last_train)
    film = break_down(script)
    assert [len(scene.shots) for scene in film.scenes] == [3, 4, 3]
    assert [(p.name, p.lines) for p in film.people] == [("Vera", 3), ("Oskar", 3)]
    assert 55 <= film.seconds <= 75
    assert film.look.name == "Noir"
    assert [place.weather for place in film.places] == ["rain", "rain", "fog"]
    keys = {entry.key for entry in script.title_page}
    assert {"Title", "Credit", "Author", "Draft date"} <= keys
    assert {Kind.SECTION, Kind.SYNOPSIS} <= {element.kind for element in script.elements}
    assert script.notes
    assert script.boneyard
    assert [scene.enter.kind for scene in film.scenes] == ["fade", "cut", "dissolve"]
    assert script.elements[-1].text == "FADE OUT."
    cues = [e.extension for e in script.elements if e.kind is Kind.CHARACTER]
    assert cues.count("V.O.") == 1


def test_the_coverage_lesson_is_one_talk_of_two_in_four_shots_or_more(scripts: ModuleType) -> None:
    film = break_down(read((scripts.EXAMPLES / "coverage_lesson.fountain").read_bytes()))
    assert [scene.key for scene in film.scenes] == ["scene_01"]
    assert len(film.people) == 2
    assert len(film.shots) >= 4
    assert {"wide", "medium", "over_the_shoulder", "close_up"} <= {s.type for s in film.shots}
