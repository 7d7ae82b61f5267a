"""What is said at the end: only commands that work from where one stands."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from movie_director.cli import main
from movie_director.cli.opening import blender_words, closing_words, open_words, own_command

SCRIPT = "INT. KITCHEN - DAY\n\nAnna puts down a cup.\n\nANNA\nHe is not coming.\n"
POSIX = pytest.mark.skipif(os.name == "nt", reason="as a POSIX system spells it")


@pytest.fixture
def python(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An interpreter in a virtual environment that is not on the PATH; one stands beside it."""
    folder = tmp_path / "my venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "movie-director").touch()
    monkeypatch.chdir(tmp_path)
    return folder / "python"


@POSIX
def test_a_command_that_is_found_by_its_name_is_told_by_its_name(python: pathlib.Path) -> None:
    script = str(python.with_name("movie-director"))
    assert own_command(lambda name: script, str(python)) == "movie-director"


@POSIX
def test_a_command_that_is_not_found_is_told_by_its_path(python: pathlib.Path) -> None:
    assert own_command(lambda name: None, str(python)) == "'my venv/bin/movie-director'"


@POSIX
def test_another_installation_of_that_name_is_not_meant(
    python: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "movie-director").touch()
    told = own_command(lambda name: str(tmp_path / name), str(python))
    assert told == "'my venv/bin/movie-director'"


@POSIX
def test_without_a_script_the_interpreter_itself_is_told(tmp_path: pathlib.Path) -> None:
    python = str(tmp_path / "python")
    assert own_command(lambda name: None, python) == f"{python} -m movie_director"


@POSIX
def test_a_program_that_is_not_there_is_not_told(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    film, blend = tmp_path / "film.mp4", tmp_path / "film.blend"
    assert open_words(film, "linux", lambda name: name) == "xdg-open film.mp4"
    assert open_words(film, "linux", lambda name: None) == "open film.mp4 in any video player"
    assert blender_words(blend, "linux", lambda name: name) == "blender film.blend"
    assert blender_words(blend, "linux", lambda name: None) == "open film.blend in Blender"
    assert blender_words(blend, "darwin", lambda name: None) == "open -a Blender film.blend"


def test_the_last_line_is_how_to_go_on(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"film.mp4": tmp_path / "film.mp4", "film.blend": tmp_path / "film.blend"}
    *_, last = closing_words(files, tmp_path, "here/movie-director")
    assert last == "evaluate again: here/movie-director evaluate film.blend"


def test_evaluating_one_node_says_where_its_result_lies(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    instant: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cups.fountain").write_text(SCRIPT, encoding="utf-8")
    assert main(["evaluate", "cups.fountain", "--node", "scene_01/shot_01_010", "-q"]) == 0
    said = capsys.readouterr().out.splitlines()
    clip = pathlib.Path("cups_film", "scene_01", "shot_01_010", "clip_t001.mp4")
    assert said == ["1 made, 0 there already", "", str(clip)]
    assert clip.is_file()
