# SPDX-License-Identifier: GPL-3.0-or-later
"""One evaluation of a project at a time: a lock file that says who holds it.

The file is made by exclusive creation, which every system and network share
offers.  A lock whose process is gone from this machine is taken over; so that two
who see the same dead lock do not both take it, taking over needs a second file.
A process is recognised by its id and the moment it began, since ids are reused.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import ProjectBusy
from .files import remove, translated

__all__ = ["ProjectLock"]

#: A lock file without content is being written, or was when its machine died; seconds.
_WRITING_S = 10.0


class ProjectLock:
    """Held from ``take`` to ``release``, as often nested as its one owner likes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0

    @property
    def held(self) -> bool:
        """Whether this very object holds the project."""
        return self._depth > 0

    def take(self) -> None:
        """Hold the project.

        Raises:
            ProjectBusy: somebody else does.
            StoreError: the folder cannot be written.
        """
        if not self._depth:
            with translated(self._path):
                self._create()
        self._depth += 1

    def release(self) -> None:
        """Let go once; the last time the file disappears."""
        self._depth -= 1
        if not self._depth:
            with translated(self._path):
                remove(self._path)

    def _create(self) -> None:
        while True:
            try:
                with self._path.open("x", encoding="utf-8") as file:
                    json.dump(_ourselves(), file)
            except FileExistsError:
                self._clear_dead()
            else:
                return

    def _clear_dead(self) -> None:
        """Remove a dead lock, or say who is alive."""
        guard = self._path.with_name(f"{self._path.name}.taking")
        self._refuse_if_alive()
        try:
            guard.touch(exist_ok=False)
        except FileExistsError:
            if _age(guard) > _WRITING_S:
                remove(guard)
            time.sleep(0.01)
            return
        try:
            # Somebody may have taken it over between our look and the guard.
            self._refuse_if_alive()
            remove(self._path)
        finally:
            remove(guard)

    def _refuse_if_alive(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8")
            holder = json.loads(text)
        except FileNotFoundError:
            return
        except ValueError:
            if _age(self._path) < _WRITING_S:
                raise _busy("Another evaluation, just begun,", self._path) from None
            return
        if isinstance(holder, dict) and _alive(holder):
            who = f"{holder.get('user') or 'Somebody'} (process {holder.get('pid')} on "
            raise _busy(f"{who}{holder.get('host')}, since {holder.get('since')})", self._path)


def _busy(who: str, path: Path) -> ProjectBusy:
    return ProjectBusy(
        f"{who} is evaluating this project.",
        remedy=f"Wait for it or cancel it. If it no longer runs, delete '{path}'.",
    )


def _ourselves() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "began": _began(os.getpid()),
        "host": socket.gethostname(),
        "user": os.environ.get("USER") or os.environ.get("USERNAME") or "",
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _alive(holder: Mapping[str, Any]) -> bool:
    """Whether the holder may still run; on another host nobody can tell, so: yes."""
    if holder.get("host") != socket.gethostname():
        return "host" in holder
    pid = holder.get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return False
    began = _began(pid)
    if began is None:
        return False
    return not began or not holder.get("began") or began == holder["began"]


def _began(pid: int) -> str | None:
    """A mark of the moment the process began; "" where there is none to see; None: no process."""
    if sys.platform == "win32":
        return _began_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass  # it is there and somebody else's
    try:
        # Field 22, counted after the name, which may hold spaces: proc_pid_stat(5).
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _began_windows(pid: int) -> str | None:  # pragma: no cover - runs on Windows alone
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        # Access denied (5) means that there is such a process.
        return "" if ctypes.get_last_error() == 5 else None  # type: ignore[attr-defined,unused-ignore]
    times = [ctypes.c_ulonglong() for _ in range(4)]
    code = ctypes.c_ulong()
    kernel.GetProcessTimes(handle, *(ctypes.byref(moment) for moment in times))
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return str(times[0].value) if code.value == 259 else None  # STILL_ACTIVE


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
