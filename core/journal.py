# SPDX-License-Identifier: GPL-3.0-or-later
"""What was sent and what became of it: the memory that survives a crash.

Every ticket is written down before its work is sent, and again when it ends.  A
ticket found open when nobody holds the project was left by a run that died; a lost
one may be known to its service for as long as its step is not made.  The journal
also keeps the errors.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from .database import open_sound
from .errors import MovieDirectorError
from .executor import Ticket
from .step import Placed, ServiceId, StepId

__all__ = [
    "ErrorRecord", "Journal", "LeftTicket", "TicketEnd", "has_open_tickets", "last_failures",
]  # fmt: skip

log = logging.getLogger(__name__)

TicketEnd: TypeAlias = Literal["finished", "failed", "cancelled", "lost", "abandoned"]

_OPEN = "sent"
#: Ends that leave open whether the service still knows the work.
_UNSETTLED = (_OPEN, "lost")
#: Tickets remembered; older ones are forgotten when a run begins.
_KEPT = 20_000
_TABLES = (
    """CREATE TABLE IF NOT EXISTS ticket (
        id TEXT PRIMARY KEY, step TEXT, node TEXT, kind TEXT, label TEXT, intent TEXT,
        executor TEXT, service TEXT, attempt INTEGER, state TEXT, sent TEXT, ended TEXT,
        seconds REAL, error TEXT)""",
    "CREATE INDEX IF NOT EXISTS ticket_state ON ticket (state)",
)
_PROBES = (
    "SELECT id, step, node, kind, label, intent, executor, service, attempt, state, sent, ended, "
    "seconds, error FROM ticket LIMIT 0",
)
#: What is told of a failure: columns, and their names there.
_TOLD = "id, step, node, kind, label, intent, service, attempt, ended, error"
_NAMES = ("ticket", "step", "node", "kind", "label", "intent", "service", "attempt", "when")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftTicket:
    """A ticket of which nobody knows what became: its run died, or its service was lost.

    ``sent`` is UTC, ISO 8601.
    """

    id: str
    step: StepId
    intent: str
    executor: str
    service: ServiceId
    attempt: int
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRecord:
    """One failure, kept for inspection.

    ``when`` is UTC, ISO 8601.  ``error`` is ``MovieDirectorError.as_json()``; ``log`` what
    the executor or the interpreter said beyond it; ``inputs`` the files the step was given.
    """

    ticket: str
    step: StepId
    node: str
    kind: str
    label: str
    intent: str
    service: ServiceId
    attempt: int
    when: str
    error: Mapping[str, str]
    log: str
    inputs: Mapping[StepId, str]


class Journal:
    """One project's journal, open for writing.  Owned by one thread.

    ``anew``: the file was damaged, and what it held is lost.

    Raises (all methods):
        sqlite3.Error: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._db, self.anew = open_sound(path, _TABLES, _PROBES)

    def sent(self, ticket: Ticket, placed: Placed) -> None:
        """Note a ticket; call it before the work is sent."""
        step = placed.step
        self._db.execute(
            "INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, '')",
            (
                ticket.id, step.id, step.node, step.kind, step.label, step.intent,
                placed.option.executor, placed.service.id, ticket.attempt, _OPEN, _now(),
            ),
        )  # fmt: skip

    def ended(
        self,
        id: str,
        state: TicketEnd,
        *,
        seconds: float = 0.0,
        error: MovieDirectorError | None = None,
        inputs: Mapping[StepId, str] | None = None,
    ) -> None:
        """Note what became of a ticket; ``inputs`` are kept with an error."""
        said = ""
        if error is not None:
            log = str(getattr(error, "log", ""))
            said = json.dumps({"error": error.as_json(), "log": log, "inputs": inputs or {}})
        self._db.execute(
            "UPDATE ticket SET state = ?, ended = ?, seconds = ?, error = ? WHERE id = ?",
            (state, _now(), seconds, said, id),
        )

    def left(self) -> tuple[LeftTicket, ...]:
        """The tickets that are not settled, oldest first."""
        rows = self._db.execute(
            "SELECT id, step, intent, executor, service, attempt, sent FROM ticket "
            "WHERE state IN (?, ?) ORDER BY rowid",
            _UNSETTLED,
        )
        names = ("id", "step", "intent", "executor", "service", "attempt", "sent")
        return tuple(LeftTicket(**dict(zip(names, row, strict=True))) for row in rows)

    def lost(self, ids: Collection[str]) -> None:
        """Note that what became of open tickets is not known; they are asked about again."""
        self._db.executemany(
            "UPDATE ticket SET state = 'lost', ended = ? WHERE id = ? AND state = ?",
            [(_now(), id, _OPEN) for id in ids],
        )

    def abandon(self, ids: Collection[str]) -> None:
        """Close tickets nobody will ask for again; forget very old ones."""
        self._db.executemany(
            "UPDATE ticket SET state = 'abandoned', ended = ? WHERE id = ?",
            [(_now(), id) for id in ids],
        )
        self._db.execute(
            "DELETE FROM ticket WHERE rowid <= (SELECT max(rowid) FROM ticket) - ? "
            "AND state NOT IN (?, ?)",
            (_KEPT, *_UNSETTLED),
        )

    def errors(self, limit: int = 20) -> tuple[ErrorRecord, ...]:
        """The newest failures, newest first."""
        rows = self._db.execute(
            f"SELECT {_TOLD} FROM ticket WHERE error != '' ORDER BY rowid DESC LIMIT ?", (limit,)
        )
        return tuple(_error_record(row) for row in rows)

    def close(self) -> None:
        """Close the file.  Safe to call twice."""
        self._db.close()


def _error_record(row: tuple[Any, ...]) -> ErrorRecord:
    *told, said = row
    return ErrorRecord(**dict(zip(_NAMES, told, strict=True)), **json.loads(said))


def last_failures(path: Path) -> tuple[ErrorRecord, ...]:
    """Of the journal at ``path`` the steps that failed when they were last tried, newest first.

    Reads only, whoever holds the project; of a journal that cannot be read, nothing.
    """
    if not path.is_file():
        return ()
    # The other columns are those of the row that has the maximum: sqlite.org/lang_select.html,
    # "Bare columns in an aggregate query".
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute(
                f"SELECT {_TOLD}, max(rowid) FROM ticket WHERE state = 'finished' OR error != '' "
                "GROUP BY step HAVING error != '' ORDER BY max(rowid) DESC"
            ).fetchall()
        return tuple(_error_record(row[:-1]) for row in rows)
    except (sqlite3.Error, ValueError, TypeError) as trouble:
        log.warning("the failures in %s could not be read: %s", path, trouble)
        return ()


def has_open_tickets(path: Path) -> bool:
    """Whether a run that did not end left tickets in the journal at ``path``; reads only."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            found = db.execute("SELECT 1 FROM ticket WHERE state = ? LIMIT 1", (_OPEN,)).fetchone()
    except sqlite3.Error:
        return True  # nobody knows: look at the folder itself
    return found is not None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
