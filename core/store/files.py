# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving and writing files so that a crash leaves either nothing or the whole.

Everything is prepared in a ticket's folder on the same file system and then
moved into place in one stroke.  What the system answers when it cannot becomes
our error with a remedy, here and nowhere else.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StorageFull, StoreError

__all__ = ["move_in", "put", "remove", "sync_file", "sync_folder", "translated", "write_whole"]

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """What goes wrong inside, as a ``StoreError`` about ``path``."""
    try:
        yield
    except OSError as error:
        raise _store_error(error, path) from error


def _store_error(error: OSError, path: Path) -> StoreError:
    if error.errno in _FULL:
        return StorageFull(
            f"There is no room left for '{path}'.",
            remedy="Free some space, or clean the project, and evaluate again; nothing is lost.",
        )
    if error.errno == errno.EROFS:
        return StoreError(
            f"'{path}' lies on a disk that is read-only.",
            remedy="Choose an output folder that can be written.",
        )
    if error.errno in _CLOSED:
        return StoreError(
            f"'{path}' may not be written.",
            remedy="Close programs that have it open, allow writing there, "
            "or choose another output folder.",
        )
    return StoreError(
        f"'{path}' could not be written ({error.strerror or error}).",
        remedy="Look at the output folder, or choose another one, and evaluate again.",
    )


def sync_file(path: Path) -> None:
    """Returns when the file's bytes are on the disk."""
    # Windows wants a handle that may write.
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Returns when the folder's names are on the disk; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot; the names are then as safe as they get.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """A new file with this text, on the disk when this returns."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def move_in(source: Path, target: Path) -> bool:
    """Give ``source`` the name ``target`` unless that name is taken; whether it was free."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno in _FULL:
            raise
        # A file system without hard links.  The project's lock keeps others out.
        if os.path.lexists(target):
            return False
        source.rename(target)
        return True
    source.unlink()
    return True


def put(source: Path, target: Path, folder: Path) -> None:
    """Show ``source`` at ``target`` too, replacing what is there in one stroke.

    A hard link where the file system has them, else a copy prepared in ``folder``.
    """
    ready = folder / f"{target.name}.new"
    remove(ready)
    try:
        os.link(source, ready)
    except OSError as error:
        if error.errno in _FULL:
            raise
        shutil.copy2(source, ready)
        sync_file(ready)
    # Replacing a file by another link to itself would do nothing and leave ``ready``.
    if target.exists() and target.samefile(ready):
        remove(ready)
        return
    ready.replace(target)


def remove(path: Path) -> None:
    """The file is gone, whether or not it was there."""
    path.unlink(missing_ok=True)
