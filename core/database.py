# SPDX-License-Identifier: GPL-3.0-or-later
"""SQLite databases that a killed process cannot harm.

Write-ahead logging survives ``kill -9`` at any moment and needs shared memory,
which network file systems do not offer.  There, and where the folder refuses it,
the database lies in the user's own data folder, under a name made from the
project's folder.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from .digest import text_digest
from .errors import StorageFull, StoreError

__all__ = ["database_home", "noting", "open_database", "open_sound", "user_data_folder"]

log = logging.getLogger(__name__)

#: File systems of other machines, as Linux spells them in /proc/mounts.
_REMOTE = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3",
     "smbfs", "vboxsf", "virtiofs"}
)  # fmt: skip
_DRIVE_REMOTE = 4  # GetDriveTypeW


def user_data_folder() -> Path:
    """Where this user's programs keep data on this system; not made."""
    if sys.platform == "win32":  # pragma: no cover - runs on Windows alone
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":  # pragma: no cover - runs on macOS alone
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def database_home(folder: Path) -> Path:
    """The folder databases about ``folder`` belong in: itself, unless it lies on a share."""
    if not _remote(folder):
        return folder
    return user_data_folder() / "movie-director" / text_digest(str(folder.absolute()))


def open_database(path: Path) -> sqlite3.Connection:
    """A connection with write-ahead logging; the folder is made.

    Raises:
        sqlite3.Error: it is no database, or cannot be written.
        OSError: the folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=10.0, isolation_level=None)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            log.warning("%s: no write-ahead log here (%s)", path, mode)
        # With WAL this survives the process; only a power cut may take the last entries.
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_sound(
    path: Path, tables: Iterable[str], probes: Iterable[str]
) -> tuple[sqlite3.Connection, bool]:
    """A connection to a database that holds ``tables``, and whether it had to be made anew.

    One that is damaged, or whose tables cannot answer ``probes``, is removed and made
    empty: what lies in our databases can be found again, and nobody should have to delete
    a file by hand to go on.  Errors as ``open_database``; a full disk is no damage.
    """
    try:
        return _checked(path, tables, probes), False
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        log.warning("%s is damaged (%s): made anew", path, error)
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return _checked(path, tables, probes), True


def _checked(path: Path, tables: Iterable[str], probes: Iterable[str]) -> sqlite3.Connection:
    connection = open_database(path)
    try:
        for statement in (*tables, *probes):
            connection.execute(statement).fetchall()
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise _Damaged(said)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class _Damaged(sqlite3.DatabaseError):
    """SQLite read the file and found it wrong."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is wrong; SQLITE_ERROR is a table or column that is not there."""
    # The low byte is the primary result code: sqlite.org/rescode.html.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    wrong = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
    return isinstance(error, _Damaged) or code in wrong


@contextmanager
def noting(home: Path) -> Iterator[None]:
    """What goes wrong with a database in ``home`` inside, as a ``StoreError`` with a remedy."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if "disk is full" in str(error) or getattr(error, "errno", 0) == errno.ENOSPC:
            raise StorageFull(
                f"There is no room left for the journal in '{home}'.",
                remedy="Free some space and evaluate again; nothing is lost.",
            ) from error
        raise StoreError(
            f"The journal in '{home}' cannot be written ({error}).",
            remedy="Free some space or allow writing there; if the file is damaged, delete it.",
        ) from error


def _remote(folder: Path) -> bool:
    if sys.platform == "win32":  # pragma: no cover - runs on Windows alone
        return _remote_windows(folder)
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:  # pragma: no cover - systems without /proc
        return False
    return _file_system(folder, mounts) in _REMOTE


def _remote_windows(folder: Path) -> bool:  # pragma: no cover - runs on Windows alone
    import ctypes

    drive = folder.absolute().drive
    if drive.startswith("\\\\"):
        return True
    kind = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\")  # type: ignore[attr-defined,unused-ignore]
    return bool(kind == _DRIVE_REMOTE)


def _file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds ``folder``; the deepest mount counts, the last wins."""
    found, depth = "", -1
    real = PurePosixPath(os.path.realpath(folder))
    for line in mounts.splitlines():
        fields = line.split(" ")
        point = PurePosixPath(fields[1].encode().decode("unicode_escape"))
        if real.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = fields[2], len(point.parts)
    return found
