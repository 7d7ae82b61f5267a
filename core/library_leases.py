# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments of the helper's libraries, held while they are used and removed when old.

Each process that uses one has a lock file of its own in it; a lock whose process is gone counts
for nothing.  An environment is old when its name is none that this version would give one, for any
Python that it has pins for.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from .errors import ProjectBusy, StoreError
from .helper_environment import DONE_FILE, helper_home, home_names
from .store.lock import ProjectLock

__all__ = ["hold", "old_homes", "remove_home"]

_IN_USE = ".in-use-"
_NAME = re.compile(r"\d+\.\d+-[0-9a-f]{8}")


def hold(python: Path) -> None:
    """Say that this process uses the environment of a Python, until it ends; any thread may.

    An environment that is not ours to remove is not held.  Locks of processes that are gone go.

    Raises:
        StoreError: its folder cannot be written.
    """
    home = helper_home()
    lock = home / f"{_IN_USE}{os.getpid()}"
    if not python.is_relative_to(home):
        return
    for other in _locks(home):
        if other != lock:
            _held(other)
    with contextlib.suppress(ProjectBusy):  # held by ourselves since before
        ProjectLock(lock).take()


def old_homes() -> tuple[Path, ...]:
    """Environments of other versions, in order; a link and what we did not name is none."""
    beside, ours = helper_home().parent, home_names()
    if not beside.is_dir():
        return ()
    return tuple(
        path
        for path in sorted(beside.iterdir())
        if _NAME.fullmatch(path.name)
        and path.name not in ours
        and path.is_dir()
        and not path.is_symlink()
    )


def remove_home(home: Path) -> bool:
    """Remove an old environment; False where a process uses it.

    Raises:
        OSError: it cannot be removed whole; what is left of it counts as not installed.
    """
    if any(_held(lock) for lock in _locks(home)):
        return False
    (home / DONE_FILE).unlink(missing_ok=True)
    shutil.rmtree(home)
    return True


def _locks(home: Path) -> Iterator[Path]:
    return home.glob(f"{_IN_USE}*[0-9]")


def _held(path: Path) -> bool:
    """Whether the process that made a lock file may still run."""
    lock = ProjectLock(path)
    try:
        lock.take()
    except (ProjectBusy, StoreError):  # or nobody can tell
        return True
    lock.release()
    return False
