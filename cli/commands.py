# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's programs, run one after another or left running; never through a shell."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

__all__ = ["Commands", "RealCommands", "shown"]


class Commands(Protocol):
    """What can be done with commands; tests have one that only notes them."""

    def find(self, name: str) -> str | None:
        """Where a program is; None where there is none."""
        ...

    def run(self, words: Sequence[str], folder: Path) -> int:
        """Run to its end, its words seen by whoever watches; its exit code."""
        ...

    def start(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """Leave it running beyond our own end, its words in ``log``; the process's number."""
        ...


class RealCommands:
    """Those of this machine."""

    def find(self, name: str) -> str | None:
        """Where the shell would find it."""
        return shutil.which(name)

    def run(self, words: Sequence[str], folder: Path) -> int:
        """Its output goes to our errors' stream: our own is for results."""
        return subprocess.run(list(words), cwd=folder, stdout=sys.stderr, check=False).returncode

    def start(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """In a session of its own, so that closing this window does not end it."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(words),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
                | getattr(subprocess, "DETACHED_PROCESS", 0),
            )
        process.returncode = 0  # it is not ours to wait for
        return process.pid


def shown(words: Sequence[str], system: str) -> str:
    """The command as one would type it on that system."""
    return subprocess.list2cmdline(words) if system == "windows" else shlex.join(words)
