# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of one installation, taken one by one: each to its end, noted, and never twice.

Whatever breaks off (a step, the network, a person's Ctrl-C, the machine), the same steps go on
from the one that was broken off.  What the steps are is not known here.
"""

from __future__ import annotations

import json
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from ..core.errors import InputError, ServiceError, StorageFull
from ..core.helper_environment import DONE_FILE
from ..core.installation import Command, Installation
from .commands import Commands

__all__ = ["Steps"]

#: Marks of the steps that were done so far.
_STEPS_FILE = ".movie-director-steps.json"
_LOG = "movie-director-install.log"
_PART = ".part"
_AGAIN = "the same command again goes on from there"


class Steps:
    """What there is to do of an installation that is filled in for this machine."""

    def __init__(
        self, mine: Installation, folder: Path, commands: Commands, note: Callable[[str], None]
    ) -> None:
        self._mine = mine
        self._folder = folder
        self._commands = commands
        self._note = note
        noted = {*_noted(folder / _STEPS_FILE), *_noted(folder / DONE_FILE)}
        self.to_do = [command for command in mine.steps if not _is_done(command, noted)]

    @property
    def log(self) -> Path:
        """Where everything that the steps say is kept: beside the folder, which a step may make."""
        return self._folder.with_name(f"{self._folder.name}-{_LOG}")

    def check_room(self, gpu: str) -> None:
        """See that the disk has room for what is to be done yet.

        Raises:
            StorageFull: it has not.
        """
        if not self.to_do:
            return
        share = len(self.to_do) / len(self._mine.steps)
        needed = round(self._mine.disk_gb[gpu] * 1e9 * share)
        there = next(each for each in self._folder.parents if each.is_dir())
        free = shutil.disk_usage(there).free
        if free < needed:
            raise StorageFull(
                f"{self._mine.title} takes about {needed / 1e9:.1f} GB more, and '{there}' has"
                f" {free / 1e9:.1f} GB free.",
                remedy="Free some, or name a folder on another disk with --folder.",
            )

    def run(self) -> None:
        """Take them all, in order.

        Raises:
            InputError: the folder holds something else.
            ServiceError: one failed.
        """
        for command in self.to_do:
            self._note(f"{command.do} ...")
            try:
                self._take(command)
            except KeyboardInterrupt:
                self._note(f"Stopped in the step '{command.do}': {_AGAIN}. Its log: {self.log}")
                raise
        if self._mine.steps:
            marks = [command.mark for command in self._mine.steps]
            self._write(DONE_FILE, marks)

    def _take(self, command: Command) -> None:
        if command.clears:
            _clear(Path(command.clears))
        if command.makes:
            self._make(command)
        else:
            self._do(command, command.run)
        if not command.unless:
            self._write(_STEPS_FILE, [*_noted(self._folder / _STEPS_FILE), command.mark])

    def _make(self, command: Command) -> None:
        """Have a folder made beside where it belongs, and moved there once it is whole."""
        folder = Path(command.makes)
        part = folder.with_name(folder.name + _PART)
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                f"The folder '{folder}' holds something else than {self._mine.title}.",
                remedy="Name another one with --folder, or move away what is in it.",
            )
        _clear(part)
        self._do(command, tuple(str(part) if w == str(folder) else w for w in command.run))
        if folder.is_dir():
            folder.rmdir()
        part.rename(folder)

    def _do(self, command: Command, words: tuple[str, ...]) -> None:
        folder = self._folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        where = next(
            each for each in (Path(command.folder), folder, folder.parent) if each.is_dir()
        )
        try:
            code = self._commands.run(words, where, self.log)
        except OSError as error:
            raise ServiceError(
                f"'{words[0]}' could not be run ({error.strerror or error}).",
                remedy=f"Install it; {_AGAIN}.",
            ) from error
        if code:
            raise ServiceError(
                f"The step '{command.do}' failed (exit code {code}).",
                remedy=f"Read what it said above, or in '{self.log}'; {_AGAIN}.",
            )

    def _write(self, name: str, marks: list[str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(json.dumps(marks), encoding="utf-8")


def _is_done(command: Command, noted: set[str]) -> bool:
    """Whether a step was done: its file is there, or it was noted and what it left is there."""
    if command.unless:
        return Path(command.unless).exists()
    return command.mark in noted and (not command.leaves or Path(command.leaves).exists())


def _noted(path: Path) -> list[str]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _clear(folder: Path) -> None:
    """The folder is gone, or never was there."""
    if not folder.is_dir():
        return
    if sys.platform == "win32":  # where a file that may not be written, such as Git's, stays
        for path in folder.rglob("*"):
            path.chmod(stat.S_IWRITE)
    shutil.rmtree(folder)
