# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results live: found by what was wanted, kept where a person would look.

    {root}/{scene}/{shot}/{stem}_t001.mp4        an artifact, and beside it
    {root}/{scene}/{shot}/{stem}_t001.mp4.json   its sidecar
    {root}/takes/film_t001.mp4                   a final; shown as {root}/film.mp4
    {root}/takes/mix_t001.wav                    what belongs to no scene
    {root}/.movie-director/                      journal, index, lock, tickets, what failed

Nothing is ever overwritten: another result at the same place is the next take.
A file or sidecar that somebody edited is no longer ours and is left alone.
What reads changes nothing on the disk; what writes needs ``lock``.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..amounts import amount
from ..database import database_home, noting
from ..digest import Digest, file_digest
from ..errors import StorageFull, StoreError
from ..executor import Produced, Ticket
from ..journal import Journal, has_open_tickets
from ..plan import Absent
from ..provenance import read_record, record_text, sidecar_record
from ..step import Artifact, Placed, Step, StepId, references
from .cleaning import Cleaned, clean_up
from .failed import Failure, failures_in, keep, prune
from .files import move_in, remove, sync_folder, translated, write_whole
from .index import Index, Row, row_of, scan
from .lock import ProjectLock
from .look import trouble
from .names import PATH_LIMIT, fit, folder_of, safe_name, safe_suffix, utf16_length
from .published import publish, published_path
from .usage import Usage, usage_of

__all__ = ["Cleaned", "Failure", "Store", "Usage"]

log = logging.getLogger(__name__)

OWN_FOLDER, FINALS_FOLDER = ".movie-director", "takes"
JOURNAL, FAILED_FOLDER = "journal.sqlite", "failed"
#: Characters our own folder needs below the root: a ticket's id and a file in it.
_OWN_ROOM = 100


class Store:
    """One project's results.  Owned by one thread.

    Making a Store touches nothing; the index is read when first needed.
    """

    def __init__(self, root: Path, *, project: str = "", limit_bytes: int = 0) -> None:
        """``limit_bytes`` is what the project's results may take together; 0: no limit."""
        self.root = Path(os.path.abspath(root))
        self.project = project
        self.limit_bytes = limit_bytes
        self._own = self.root / OWN_FOLDER
        self._home = database_home(self._own)
        self._lock = ProjectLock(self._own / "lock")
        self._loaded: Index | None = None
        self._journal: Journal | None = None

    # --- reading ----------------------------------------------------------------------

    def find(self, step: Step) -> Artifact | Absent:
        """What is there for a step; by size and time, the bytes are not read (``verify`` does)."""
        index = self._index
        problem: Absent | None = None
        for row in index.by_intent.get(step.intent, ()):
            wrong = trouble(self.root, row, index)
            if wrong is None:
                artifact = row.as_artifact(self.root, step.id)
                if artifact.fidelity.enough:
                    return artifact
                return Absent(
                    reason="stand_in", text=f"{row.path} stands in for it", artifact=artifact
                )
            problem = problem or wrong
        if problem is not None:
            return problem
        older = index.by_step.get(step.id)
        if older:
            return self._stale(older[0])
        return Absent(reason="new", text="it was never made")

    def artifacts(self) -> tuple[Artifact, ...]:
        """Everything whose file is there, by path."""
        index = self._index
        rows = [index.rows[path] for path in sorted(index.rows)]
        return tuple(
            row.as_artifact(self.root, row.step)  # type: ignore[arg-type]
            for row in rows
            if (self.root / row.path).is_file()
        )

    def failures(self) -> Mapping[StepId, Failure]:
        """The steps that failed when they were last tried, newest first, with what they left."""
        return failures_in(self._home / JOURNAL, self._own / FAILED_FOLDER)

    def verify(self, artifact: Artifact) -> bool:
        """Whether the file's bytes are those that were made; reads all of them."""
        try:
            return file_digest(artifact.path) == artifact.content
        except OSError:
            return False

    def record(self, artifact: Artifact) -> Mapping[str, Any]:
        """What an artifact's sidecar says; empty when it is gone or is none."""
        side = artifact.path.with_name(f"{artifact.path.name}.json")
        try:
            return read_record(side.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError):
            return {}

    def published(self, step: Step) -> Path:
        """Where a final result is shown, newest take; for others, see ``Artifact.path``."""
        return published_path(self.root, step.place)

    def usage(self) -> Usage:
        """How much room the results take, and how much there is."""
        return usage_of(self.root, self._index.bytes, self.limit_bytes)

    def refresh(self) -> None:
        """Look at the disk anew if another program worked on the project; call before planning."""
        if self._loaded is not None and not self._loaded.current:
            self._shut()

    @property
    def _index(self) -> Index:
        if self._loaded is None:
            index = Index(self._home)
            if not index.load() or has_open_tickets(self._home / JOURNAL):
                self._rescan(index)
            self._loaded = index
        return self._loaded

    def _rescan(self, index: Index) -> None:
        for row, record in list(scan(self.root, OWN_FOLDER, index.rows)):
            index.add(row, record)

    def _sidecar_text(self, row: Row) -> str:
        """What lies in a row's sidecar; "" when it is gone or cannot be read."""
        try:
            return (self.root / f"{row.path}.json").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _stale(self, row: Row) -> Absent:
        try:
            was = json.loads(self._sidecar_text(row))["inputs"]
        except (ValueError, KeyError, TypeError):
            kept = self._index.record(row)
            was = json.loads(kept)["inputs"] if kept else {}
        return Absent(reason="stale", text="what is wanted changed", was=was)

    # --- writing ----------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the project; may be nested.

        Raises:
            ProjectBusy: another evaluation holds it; says who and since when.
            StoreError: the folder cannot be written, or its path is too long.
        """
        self.hold()
        try:
            yield
        finally:
            self.let_go()

    def hold(self) -> None:
        """Hold the project until ``let_go``; errors as ``lock``."""
        room = PATH_LIMIT - utf16_length(str(self._own))
        if room < _OWN_ROOM:
            raise StoreError(
                f"The path of the output folder '{self.root}' is too long.",
                remedy=f"Choose one at least {_OWN_ROOM - room} characters shorter.",
            )
        with translated(self.root):
            self._own.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            self._open()
        except BaseException:
            self.let_go()
            raise

    def let_go(self) -> None:
        """End one ``hold``; with the last the databases are closed."""
        if self._lock.held:
            self._lock.release()
        if not self._lock.held:
            self._shut(keep_index=True)

    @property
    def journal(self) -> Journal:
        """The project's journal; only while the project is held."""
        assert self._journal is not None, "the project is not held"
        return self._journal

    def _open(self) -> None:
        if self._journal is not None:
            return
        self.refresh()
        with noting(self._home):
            self._journal = Journal(self._home / JOURNAL)
            if self._journal.anew:
                self._rescan(self._index)
            self._index.open(self._sidecar_text)
        self._restore_sidecars()

    def _shut(self, *, keep_index: bool = False) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._loaded is not None:
            self._loaded.close()
            if not keep_index:
                self._loaded = None

    def _restore_sidecars(self) -> None:
        """Every artifact has a sidecar: write those again that were deleted."""
        index = self._index
        for row in list(index.rows.values()):
            path = self.root / row.path
            side = path.with_name(f"{path.name}.json")
            if path.is_file() and not side.exists():
                record = index.record(row)
                if record:
                    with translated(side):
                        write_whole(side, record)
                    look = side.stat()
                    row.side_mtime_ns, row.side_bytes = look.st_mtime_ns, look.st_size
                    index.seen(row)

    def ticket_folder(self, id: str) -> Path:
        """A new, empty folder on the results' file system, the ticket's own."""
        folder = self._own / "tickets" / id
        with translated(folder):
            folder.mkdir(parents=True)
        return folder

    def left_folder(self, id: str) -> Path:
        """Where an earlier ticket's folder was; it may be gone."""
        return self._own / "tickets" / id

    def keep_failed(self, id: str) -> None:
        """The ticket's work failed: what it began is kept to be looked at."""
        keep(self._own / "tickets" / id, self._own / FAILED_FOLDER)

    def drop_failed(self) -> None:
        """Remove what failures left that are overcome by now, and all but the newest."""
        prune(self._home / JOURNAL, self._own / FAILED_FOLDER)

    def drop_ticket(self, id: str) -> None:
        """The ticket's folder is gone, or will be when the project is next held."""
        shutil.rmtree(self._own / "tickets" / id, ignore_errors=True)

    def drop_tickets(self, *, keep: Collection[str] = ()) -> None:
        """Remove what dead runs left, but for the tickets in ``keep``."""
        tickets = self._own / "tickets"
        if tickets.is_dir():
            for folder in sorted(tickets.iterdir()):
                if folder.name not in keep:
                    shutil.rmtree(folder, ignore_errors=True)
            if not any(tickets.iterdir()):
                tickets.rmdir()

    def adopt(
        self, placed: Placed, produced: Produced, ticket: Ticket, *, seconds: float = 0.0
    ) -> Artifact:
        """Take a produced file out of its ticket's folder, for good.

        Its sidecar goes first: a file without one never lies in the project.

        Raises:
            StorageFull: no room, or the project's limit is reached.
            StoreError: the folder cannot be written.
        """
        step = placed.step
        self._check_room(produced.bytes)
        # Of what it waited for only what it was made from: see ``likeness``.
        used = {ref.step for ref in references(step.inputs)}
        parents = (made.fidelity for id, made in ticket.inputs.items() if id in used)
        fidelity = min([placed.option.fidelity, *parents])
        with translated(self.root / step.place.stem):
            while True:
                path, take = self._berth(step)
                record = sidecar_record(
                    placed, produced, ticket, file=path, take=take, fidelity=fidelity,
                    made=_now(), seconds=seconds,
                )  # fmt: skip
                text = record_text(record)
                if self._move_both(produced.path, ticket.folder / "sidecar.json", text, path):
                    break
        target = self.root / path
        row = row_of(record, target.stat(), target.with_name(f"{target.name}.json").stat())
        with noting(self._home):
            self._index.add(row, text)
        log.debug("%s: %s", step.id, path)
        return row.as_artifact(self.root, step.id)

    def _check_room(self, size: int) -> None:
        used = self._index.bytes
        if self.limit_bytes and used + size > self.limit_bytes:
            raise StorageFull(
                f"The project's storage limit of {amount(self.limit_bytes)} is reached.",
                remedy="Clean the project, or raise the limit on the Project node; nothing is lost.",
            )

    def _move_both(self, produced: Path, ready: Path, text: str, path: str) -> bool:
        target = self.root / path
        side = target.with_name(f"{target.name}.json")
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(ready, text)
        known = self._index.rows.get(path)
        if known is not None and known.sound:
            remove(side)  # of the deleted file that comes back
        if not move_in(ready, side):
            remove(ready)
            return False
        try:
            there = not move_in(produced, target)
        except OSError:
            remove(side)
            raise
        if there:
            remove(side)
            return False
        sync_folder(target.parent)
        return True

    def _berth(self, step: Step) -> tuple[str, int]:
        """A free path for the step's result, relative to the root, and its take."""
        for row in self._index.by_intent.get(step.intent, ()):
            if row.sound and not os.path.lexists(self.root / row.path):
                return row.path, row.take
        place = step.place
        suffix = safe_suffix(place.suffix)
        room = PATH_LIMIT - utf16_length(str(self.root)) - len(f"/_t0000{suffix}.json")
        folder, stem = fit(folder_of(place, finals=FINALS_FOLDER), safe_name(place.stem), room)
        take = 1
        while self._is_taken(path := (folder / f"{stem}_t{take:03}{suffix}").as_posix()):
            take += 1
        return path, take

    def _is_taken(self, path: str) -> bool:
        target = self.root / path
        return (
            self._index.takes(path) is not None
            or os.path.lexists(target)
            or os.path.lexists(target.with_name(f"{target.name}.json"))
        )

    def publish(self, step: Step, artifact: Artifact) -> Path:
        """Show a final where people look for it: the newest take, as ``film.mp4``.

        A file of the user's own that lies there is set aside, never replaced.

        Raises:
            StoreError: it cannot be written.
        """
        return publish(self.root, self._own, step.place, artifact, self._index)

    def clean(self, keep: Collection[Digest], *, dry_run: bool = False) -> Cleaned:
        """Remove artifacts whose intent is not in ``keep``; finals and edited files stay.

        Raises:
            ProjectBusy, StoreError: as ``lock``.
        """
        if dry_run:
            return clean_up(self.root, self._index, frozenset(keep), dry_run=True)
        with self.lock():
            return clean_up(self.root, self._index, frozenset(keep), dry_run=False)

    def close(self) -> None:
        """Close what is open.  The store may be used again."""
        self._shut()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
