"""One evaluation at a time, and what happens to the locks of the dead."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.errors import ProjectBusy, StoreError
from movie_director.core.store import lock as lock_module
from movie_director.core.store.lock import ProjectLock


def holder(path: Path, **changed: Any) -> None:
    """Write a lock as somebody else would."""
    value = {
        "pid": os.getpid(), "began": lock_module._began(os.getpid()), "host": socket.gethostname(),
        "user": "anna", "since": "2026-05-01T10:00:00+00:00", **changed,
    }  # fmt: skip
    path.write_text(json.dumps(value))


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_taking_and_releasing_leaves_nothing(tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path / "lock")
    lock.take()
    assert lock.held
    lock.take()
    lock.release()
    assert (tmp_path / "lock").exists()
    lock.release()
    assert (lock.held, list(tmp_path.iterdir())) == (False, [])


def test_who_holds_it_and_since_when_is_said(tmp_path: Path) -> None:
    holder(tmp_path / "lock")
    with pytest.raises(ProjectBusy) as caught:
        ProjectLock(tmp_path / "lock").take()
    host = socket.gethostname()
    assert caught.value.what == (
        f"anna (process {os.getpid()} on {host}, since 2026-05-01T10:00:00+00:00) "
        "is evaluating this project."
    )
    assert str(tmp_path / "lock") in caught.value.remedy


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    holder(tmp_path / "lock", pid=dead_pid())
    lock = ProjectLock(tmp_path / "lock")
    lock.take()
    assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    lock.release()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the start times of /proc")
def test_a_process_id_used_again_is_not_the_holder(tmp_path: Path) -> None:
    holder(tmp_path / "lock", began="1")
    lock = ProjectLock(tmp_path / "lock")
    lock.take()
    assert json.loads((tmp_path / "lock").read_text())["began"] == lock_module._began(os.getpid())
    lock.release()


def test_a_holder_on_another_machine_counts_as_alive(tmp_path: Path) -> None:
    holder(tmp_path / "lock", pid=dead_pid(), host="elsewhere")
    with pytest.raises(ProjectBusy, match="on elsewhere"):
        ProjectLock(tmp_path / "lock").take()


@pytest.mark.parametrize("text", ["", "half a", '{"pid": "x"}', "[1]"])
def test_a_lock_that_says_nothing_is_respected_while_young_and_then_taken_over(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "lock"
    path.write_text(text)
    lock = ProjectLock(path)
    if not text.startswith(("{", "[")):
        with pytest.raises(ProjectBusy, match="just begun"):
            lock.take()
    old = time.time() - 60
    os.utime(path, (old, old))
    lock.take()
    lock.release()


def test_a_takeover_left_half_done_is_finished(tmp_path: Path) -> None:
    holder(tmp_path / "lock", pid=dead_pid())
    guard = tmp_path / "lock.taking"
    guard.touch()
    old = time.time() - 60
    os.utime(guard, (old, old))
    lock = ProjectLock(tmp_path / "lock")
    lock.take()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_somebody_who_was_quicker_is_respected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    holder(path, pid=dead_pid())
    real, looks = ProjectLock._refuse_if_alive, []

    def look(self: ProjectLock) -> None:
        looks.append(1)
        if len(looks) == 2:
            holder(path, user="bert")
        real(self)

    monkeypatch.setattr(ProjectLock, "_refuse_if_alive", look)
    with pytest.raises(ProjectBusy, match="bert"):
        ProjectLock(path).take()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_lock_that_vanishes_while_we_look_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    holder(path)
    real = ProjectLock._clear_dead

    def vanish(self: ProjectLock) -> None:
        path.unlink()
        real(self)
        monkeypatch.undo()

    monkeypatch.setattr(ProjectLock, "_clear_dead", vanish)
    lock = ProjectLock(path)
    lock.take()
    assert lock.held
    assert json.loads(path.read_text())["user"] != "anna"
    lock.release()


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        ProjectLock(tmp_path / "missing" / "lock").take()


def test_a_process_of_somebody_else_counts_as_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", denied)
    assert lock_module._began(os.getpid()) not in (None, "")
    assert lock_module._began(2**30) == ""
