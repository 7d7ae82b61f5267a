# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in a project's folder, by intent: a cache of the sidecars.

The whole index is in memory; a database keeps it between sessions.  The sidecars
are the truth: when the database is lost, or a run was killed between moving a
file into place and noting it, the folder is read again.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..database import open_sound
from ..digest import Digest
from ..provenance import read_record, sealed
from ..step import Artifact, Fidelity, StepId
from .names import fold

__all__ = ["Index", "Row", "row_of", "scan"]

log = logging.getLogger(__name__)

_COLUMNS = (
    "path", "step", "intent", "content", "take", "bytes", "mtime_ns", "side_bytes",
    "side_mtime_ns", "fidelity", "final", "made", "facts", "made_from",
)  # fmt: skip
_TABLE = (
    f"CREATE TABLE IF NOT EXISTS artifact ({', '.join(_COLUMNS)}, record TEXT, PRIMARY KEY (path))"
)
_PUBLISHED = "CREATE TABLE IF NOT EXISTS published (path TEXT PRIMARY KEY, bytes, mtime_ns)"
_ROWS = f"SELECT {', '.join(_COLUMNS)} FROM artifact"
_SHOWN = "SELECT path, bytes, mtime_ns FROM published"
_PROBES = (f"{_ROWS} LIMIT 0", "SELECT record FROM artifact LIMIT 0", f"{_SHOWN} LIMIT 0")
#: Marks a database that is whole, and the tables it has.
_VERSION = 1
#: Larger JSON files are somebody else's.
_SIDECAR_LIMIT = 64 * 2**20


@dataclass(slots=True)
class Row:
    """One artifact as the index knows it.

    ``path`` is relative to the project with ``/``.  ``mtime_ns`` and ``bytes`` say how
    the file looked when it was last known to be as made; the same for its sidecar.
    ``facts`` and ``made_from`` are JSON texts.  Not sound: its record was edited.
    """

    path: str
    step: str
    intent: str
    content: str
    take: int
    bytes: int
    mtime_ns: int
    side_bytes: int
    side_mtime_ns: int
    fidelity: int
    final: int
    made: str
    facts: str
    made_from: str
    sound: bool = True
    artifact: Artifact | None = None

    def as_artifact(self, root: Path, step: StepId) -> Artifact:
        """The artifact, as the result of ``step``; made once."""
        if self.artifact is None:
            self.artifact = Artifact(
                step=StepId(self.step),
                intent=Digest(self.intent),
                path=root / self.path,
                take=self.take,
                bytes=self.bytes,
                content=Digest(self.content),
                fidelity=Fidelity(self.fidelity),
                facts=json.loads(self.facts),
                made_from=json.loads(self.made_from),
            )
        if self.artifact.step != step:
            return replace(self.artifact, step=step)
        return self.artifact


class Index:
    """Rows by path; by intent and by step, newest first.  Owned by the store's thread.

    Reads the database, and writes it once ``open`` was called.
    """

    def __init__(self, home: Path) -> None:
        self.rows: dict[str, Row] = {}
        self.by_intent: dict[str, list[Row]] = {}
        self.by_step: dict[str, list[Row]] = {}
        self.published: dict[str, tuple[int, int]] = {}
        self.bytes = 0
        self._taken: dict[str, str] = {}
        self._file = home / "index.sqlite"
        self._connection: sqlite3.Connection | None = None
        self._unsaved: dict[str, str] = {}
        self._wrong = False  #: what the database holds cannot be
        self._seen: tuple[tuple[int, int] | None, ...] = ()

    @property
    def current(self) -> bool:
        """Whether nobody else wrote the database since it was loaded or closed here."""
        return self._connection is not None or self._seen == self._signature()

    def _signature(self) -> tuple[tuple[int, int] | None, ...]:
        """How the database's files look: they change when anybody writes."""
        looks = (_look(self._file.with_name(self._file.name + end)) for end in ("", "-wal"))
        return tuple((look.st_mtime_ns, look.st_size) if look else None for look in looks)

    def load(self) -> bool:
        """Read the database; False when there is none that can be read."""
        self._seen = self._signature()
        if not self._file.is_file():
            return False
        try:
            with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as db:
                if db.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                    return False  # its run was killed before all was in it
                rows = [_row(values) for values in db.execute(_ROWS)]
                shown = db.execute(_SHOWN).fetchall()
        except (sqlite3.Error, ValueError, TypeError) as error:
            log.warning("%s cannot be read (%s): the sidecars are read again", self._file, error)
            self._wrong = True
            return False
        for row in rows:
            self._enter(row)
        self.published = {path: (size, mtime) for path, size, mtime in shown}
        return True

    def open(self, sidecar_text: Callable[[Row], str]) -> None:
        """Be ready to write; what was only in memory is kept too.

        Where the database is damaged, or held what cannot be, it is made again from what is
        in memory and from the sidecars.

        Raises:
            sqlite3.Error, OSError: it cannot be written.
        """
        if self._connection is not None:
            return
        self._connection, anew = open_sound(self._file, (_TABLE, _PUBLISHED), _PROBES)
        if anew or self._wrong:
            self._unsaved.update({path: sidecar_text(row) for path, row in self.rows.items()})
        # In one piece: a run killed meanwhile must not leave an index that lacks rows.
        self._connection.execute("BEGIN")
        if self._wrong:
            self._connection.execute("DELETE FROM artifact")
        for path, record in self._unsaved.items():
            self._save(self.rows[path], record)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        self._connection.execute("COMMIT")
        self._wrong = False
        self._unsaved.clear()

    def close(self) -> None:
        """Close the database.  Safe to call twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._seen = self._signature()

    def add(self, row: Row, record: str) -> None:
        """Enter a row, in place of one with its path; ``record`` is its sidecar's text."""
        self.drop(row.path)
        self._enter(row)
        if self._connection is None:
            self._unsaved[row.path] = record
        else:
            self._save(row, record)

    def seen(self, row: Row) -> None:
        """Keep that the row's file or sidecar was looked at and is as made."""
        if self._connection is not None:
            self._connection.execute(
                "UPDATE artifact SET mtime_ns = ?, side_bytes = ?, side_mtime_ns = ? WHERE path = ?",
                (row.mtime_ns, row.side_bytes, row.side_mtime_ns, row.path),
            )

    def drop(self, path: str) -> None:
        """Forget the row at ``path``, if there is one."""
        row = self.rows.pop(path, None)
        if row is None:
            return
        self.bytes -= row.bytes
        self._taken.pop(fold(path), None)
        for rows in (self.by_intent[row.intent], self.by_step[row.step]):
            rows[:] = [other for other in rows if other is not row]
        self._unsaved.pop(path, None)
        if self._connection is not None:
            self._connection.execute("DELETE FROM artifact WHERE path = ?", (path,))

    def note_published(self, path: str, size: int, mtime_ns: int) -> None:
        """Keep how a published file looks, to know it for ours later."""
        self.published[path] = (size, mtime_ns)
        if self._connection is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO published VALUES (?, ?, ?)", (path, size, mtime_ns)
            )

    def record(self, row: Row) -> str:
        """The text of a row's sidecar as it was written; "" when it is not known."""
        if row.path in self._unsaved:
            return self._unsaved[row.path]
        if self._connection is not None:
            return _record(self._connection, row.path)
        if not self._file.is_file():
            return ""
        try:
            with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as db:
                return _record(db, row.path)
        except sqlite3.Error as error:
            log.warning("%s cannot be read (%s)", self._file, error)
            return ""

    def takes(self, path: str) -> str | None:
        """The path that ``path`` would collide with, on a system that ignores case."""
        return self._taken.get(fold(path))

    def _enter(self, row: Row) -> None:
        self.rows[row.path] = row
        self._taken[fold(row.path)] = row.path
        self.bytes += row.bytes
        for group, key in ((self.by_intent, row.intent), (self.by_step, row.step)):
            rows = group.setdefault(key, [])
            rows.append(row)
            if len(rows) > 1:
                rows.sort(key=lambda row: (row.made, row.take), reverse=True)

    def _save(self, row: Row, record: str) -> None:
        assert self._connection is not None
        values = [getattr(row, name) for name in _COLUMNS]
        marks = ", ".join("?" * (len(values) + 1))
        self._connection.execute(
            f"INSERT OR REPLACE INTO artifact VALUES ({marks})", (*values, record)
        )


def _record(connection: sqlite3.Connection, path: str) -> str:
    found = connection.execute("SELECT record FROM artifact WHERE path = ?", (path,)).fetchone()
    return found[0] if found else ""


def _row(values: Sequence[Any]) -> Row:
    """A row of the database.

    Raises:
        ValueError, TypeError: it cannot be one of ours.
    """
    row = Row(*values)
    numbers = (row.take, row.bytes, row.mtime_ns, row.side_bytes, row.side_mtime_ns)
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError(f"the row of {row.path!r:.80} holds no numbers where they belong")
    Fidelity(row.fidelity)
    if not isinstance(row.path, str) or ".." in row.path.split("/") or row.path[:1] in ("", "/"):
        raise ValueError(f"{row.path!r:.80} is no path of an artifact")
    for text in (row.facts, row.made_from):
        if not isinstance(json.loads(text), dict):
            raise TypeError(f"the row of {row.path!r:.80} holds no facts")
    return row


def row_of(record: Mapping[str, Any], artifact: os.stat_result | None, side: os.stat_result) -> Row:
    """The row for a sidecar's record and what the two files look like; None: there is no file."""
    return Row(
        path=record["file"],
        step=record["step"],
        intent=record["intent"],
        content=record["content"],
        take=record["take"],
        bytes=record["bytes"],
        mtime_ns=artifact.st_mtime_ns if artifact else 0,
        side_bytes=side.st_size,
        side_mtime_ns=side.st_mtime_ns,
        fidelity=int(Fidelity[record["fidelity"].upper()]),
        final=int(record["final"]),
        made=record["made"],
        facts=json.dumps(record["facts"]),
        made_from=json.dumps({parent["intent"]: parent["content"] for parent in record["parents"]}),
    )


def scan(root: Path, skip: str, known: Mapping[str, Row]) -> Iterator[tuple[Row, str]]:
    """Rows of the sidecars in the folder that are not known yet, with their texts.

    The folder named ``skip`` is left out.  Where a project was moved or renamed, the
    place beside the sidecar counts.  A sidecar whose file is gone (deleted, or not yet
    moved in when its run was killed) keeps the name for it.
    """
    for folder, inner, names in os.walk(root):
        if skip in inner:
            inner.remove(skip)
        inner.sort()
        for name in sorted(names):
            if name.endswith(".json"):
                side = Path(folder, name)
                path = side.with_suffix("").relative_to(root).as_posix()
                if path not in known:
                    yield from _read(side, path)


def _look(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _read(side: Path, path: str) -> Iterator[tuple[Row, str]]:
    try:
        look = side.stat()
        if look.st_size > _SIDECAR_LIMIT:
            return
        text = side.read_text(encoding="utf-8")
        record = read_record(text)
        if record is None:
            return
        row = row_of({**record, "file": path}, _look(side.with_suffix("")), look)
    except (OSError, UnicodeDecodeError) as error:
        log.warning("%s cannot be read (%s)", side, error)
        return
    except (KeyError, TypeError, AttributeError):
        log.warning("%s is no longer a sidecar of ours: it was edited", side)
        return
    row.sound = sealed(record)
    yield row, text
