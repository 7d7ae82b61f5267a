# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lessons are kept: one JSON file in the user's data folder, on this machine alone.

What happened is collected and written in one stroke by ``flush``, onto what lies there then: two
programs that learn at once lose nothing.  A file that cannot be read is set aside, never
overwritten.  What a lesson is: ``learning``.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .database import user_data_folder
from .errors import StoreError
from .jsonable import readable
from .learning import KEPT, MOST_FACTOR, MOST_SECONDS_FACTOR, Key, Learned, Lesson

__all__ = ["SCHEMA", "Lessons", "as_json", "estimates_path"]

log = logging.getLogger(__name__)

SCHEMA = "movie-director/estimates@1"
#: Larger than thousands of full lessons.
_MOST_BYTES = 8 * 2**20
_KEY = ("machine", "subject", "precision", "size")
#: Lists of a lesson, and how far from 1 their numbers may lie.
_RATIOS = {
    "seconds": MOST_SECONDS_FACTOR, "seconds_missed": MOST_SECONDS_FACTOR,
    "peaks": MOST_FACTOR, "peaks_missed": MOST_FACTOR, "since": MOST_FACTOR,
}  # fmt: skip

_Change = Callable[[Learned], Learned]


def estimates_path() -> Path:
    """The user's file; it may not be there."""
    return user_data_folder() / "movie-director" / "estimates.json"


class Lessons:
    """The lessons of this machine.  Owned by one thread; nothing is read before it is asked.

    ``learned`` is what is known, changes that are not written yet included.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or estimates_path()
        self._pending: list[_Change] = []
        self._learned: Learned | None = None

    @property
    def learned(self) -> Learned:
        """What is known now."""
        if self._learned is None:
            try:
                self._learned = self._load()
            except OSError as error:
                log.warning("The estimates in '%s' were not read: %s", self.path, error)
                self._learned = Learned()
        return self._learned

    def change(self, change: _Change) -> None:
        """Learn, or forget; kept in memory until ``flush``."""
        self._pending.append(change)
        self._learned = change(self.learned)

    def flush(self) -> None:
        """Write what changed onto what lies there now; nothing when nothing changed.

        Raises:
            StoreError: the file cannot be written; what was learned stays in memory.
        """
        if not self._pending:
            return
        try:
            learned = self._load()
            for change in self._pending:
                learned = change(learned)
            self._write(learned)
        except OSError as error:
            raise StoreError(
                f"The estimates could not be written to '{self.path}' ({error.strerror or error}).",
                remedy="Free some space, or allow writing there; the film is not affected.",
            ) from error
        self._learned, self._pending = learned, []

    def keep(self) -> None:
        """As ``flush`` at the end of a run: the film is made; without it only the next plan knows less."""
        try:
            self.flush()
        except StoreError as error:
            log.warning("%s", error)

    def _load(self) -> Learned:
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise ValueError("it is far too large")
            return _from_json(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Learned()
        except (ValueError, RecursionError) as error:
            self._set_aside(error)
            return Learned()

    def _set_aside(self, why: Exception) -> None:
        """Rename the file to the first free name beside it.

        Raises:
            OSError: it cannot be renamed, so it must not be written either.
        """
        for number in range(1, 100):
            aside = self.path.with_name(f"{self.path.stem}.unreadable-{number}{self.path.suffix}")
            if not aside.exists():
                break
        self.path.replace(aside)
        log.warning("The estimates could not be read (%s); the file lies in '%s' now.", why, aside)

    def _write(self, learned: Learned) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            with fresh.open("w", encoding="utf-8", newline="\n") as file:
                file.write(readable(as_json(learned)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)


def as_json(learned: Learned) -> dict[str, Any]:
    """``{"schema", "lessons": [{machine, subject, precision, size, seconds, peaks, ...}]}``."""
    lessons = [
        {
            **{name: getattr(key, name) for name in _KEY},
            **{name: list(getattr(lesson, name)) for name in _RATIOS},
            "floor": lesson.floor,
        }
        for key, lesson in learned.lessons.items()
    ]
    return {"schema": SCHEMA, "lessons": lessons}


def _from_json(value: Any) -> Learned:
    """The lessons in a file.

    Raises:
        ValueError: it is not of our making, or of a later version's.
    """
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise ValueError(f"it is not {SCHEMA}")
    listed = value.get("lessons")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ValueError("its lessons are no list")
    return Learned(lessons=dict(_lesson(each) for each in listed))


def _lesson(value: Mapping[str, Any]) -> tuple[Key, Lesson]:
    words = {name: value.get(name, "") for name in _KEY}
    if not all(isinstance(word, str) and len(word) < 2000 for word in words.values()):
        raise ValueError("a lesson has no name")
    ratios = {name: _ratios(value.get(name, []), most) for name, most in _RATIOS.items()}
    (floor,) = _ratios([value["floor"]], MOST_FACTOR) if value.get("floor") else (0.0,)
    return Key(**words), Lesson(**ratios, floor=floor)


def _ratios(value: Any, most: float) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > KEPT:
        raise ValueError("a lesson has no list of numbers")
    for each in value:
        if isinstance(each, bool) or not isinstance(each, int | float) or not math.isfinite(each):
            raise ValueError("a lesson holds what is no number")
        if not 0.9 / most <= each <= 1.1 * most:
            raise ValueError("a lesson holds a number that was never learned")
    return tuple(map(float, value))
