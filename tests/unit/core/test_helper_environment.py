"""The helper's Python: found where it was installed to the end, named otherwise, never half."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest
from movie_director.core import helper_environment
from movie_director.core.errors import MissingLibrary
from movie_director.core.helper_environment import (
    DONE_FILE,
    VARIABLE,
    helper_home,
    helper_python,
    pinned_libraries,
)


@pytest.fixture(autouse=True)
def data(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr(helper_environment, "user_data_folder", lambda: tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


def installed() -> pathlib.Path:
    folder = helper_home() / "venv" / ("Scripts" if os.name == "nt" else "bin")
    folder.mkdir(parents=True)
    python = folder / ("python.exe" if os.name == "nt" else "python")
    python.touch()
    return python


def test_nothing_installed_is_said_with_the_command_that_mends_it() -> None:
    with pytest.raises(MissingLibrary, match="not installed") as caught:
        helper_python()
    assert "movie-director services install libraries" in caught.value.remedy


def test_what_was_installed_to_the_end_is_found() -> None:
    python = installed()
    with pytest.raises(MissingLibrary):
        helper_python()
    (helper_home() / DONE_FILE).write_text("[]")
    assert helper_python() == python


def test_other_pins_are_another_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    before = helper_home()
    (tmp_path / pinned_libraries().name).write_text("litellm==1.0")
    monkeypatch.setattr(helper_environment, "_PINS", tmp_path)
    assert helper_home() != before
    assert helper_home().name.startswith("{}.{}-".format(*sys.version_info[:2]))


def test_another_python_can_be_named_and_a_wrong_one_is_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv(VARIABLE, sys.executable)
    assert helper_python() == pathlib.Path(sys.executable)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    with pytest.raises(MissingLibrary, match="which is no Python"):
        helper_python()


def test_the_pins_are_there_for_this_python() -> None:
    assert "litellm==" in pinned_libraries().read_text(encoding="utf-8")
