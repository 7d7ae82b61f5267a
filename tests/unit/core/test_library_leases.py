# SPDX-License-Identifier: GPL-3.0-or-later
"""Old libraries go, those that a process uses stay, and nothing else is touched."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from movie_director.core import helper_environment
from movie_director.core.helper_environment import DONE_FILE, helper_home, home_names
from movie_director.core.library_leases import hold, old_homes, remove_home


@pytest.fixture(autouse=True)
def data(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr(helper_environment, "user_data_folder", lambda: tmp_path)
    return tmp_path


def beside(name: str) -> pathlib.Path:
    home = helper_home().with_name(name)
    (home / "venv").mkdir(parents=True)
    (home / DONE_FILE).write_text("[]")
    return home


def outdated(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """A new version comes, with other pins."""
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / helper_environment.pinned_libraries().name).write_text("litellm==9.9")
    monkeypatch.setattr(helper_environment, "_PINS", pins)


def test_without_any_there_are_no_old_ones() -> None:
    assert old_homes() == ()


def test_old_is_what_this_version_would_not_make_for_any_python(data) -> None:
    for name in home_names():
        beside(name)
    old = beside("3.11-00000000")
    beside("notes of mine")
    (old.parent / "3.11-11111111").symlink_to(data)
    (old.parent / "3.11-22222222").touch()
    assert len(home_names()) >= 2
    assert old_homes() == (old,)


def test_an_old_one_is_removed_whole() -> None:
    old = beside("3.11-00000000")
    assert remove_home(old)
    assert not old.exists()


def test_one_that_a_process_uses_stays_until_that_process_is_gone(monkeypatch, tmp_path) -> None:
    home = beside(helper_home().name)
    hold(home / "venv" / "bin" / "python")
    hold(home / "venv" / "bin" / "python")  # by another thread, or once more
    outdated(monkeypatch, tmp_path)
    assert old_homes() == (home,)
    assert not remove_home(home)
    assert (home / DONE_FILE).exists()
    (lock,) = home.glob(".in-use-*")
    holder = json.loads(lock.read_text())
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    lock.write_text(json.dumps({**holder, "pid": gone.pid}))
    assert remove_home(home)
    assert not home.exists()


def test_locks_of_processes_that_are_gone_do_not_pile_up() -> None:
    home = beside(helper_home().name)
    python = home / "venv" / "bin" / "python"
    hold(python)
    mine = home / f".in-use-{os.getpid()}"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    holder = {**json.loads(mine.read_text()), "pid": gone.pid}
    (home / f".in-use-{gone.pid}").write_text(json.dumps(holder))
    hold(python)
    assert list(home.glob(".in-use-*")) == [mine]


def test_another_python_that_was_named_is_not_held(tmp_path) -> None:
    hold(tmp_path / "python")
    assert not list(tmp_path.rglob(".in-use-*"))
