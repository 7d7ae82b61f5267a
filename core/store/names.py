# SPDX-License-Identifier: GPL-3.0-or-later
"""File and folder names that every system can hold.

What a person called a scene becomes the nearest name that Windows, macOS and
Linux all accept, composed the same way everywhere (NFC) and short enough.  A name
that had to be cut ends in a digest of the whole, so that two long names stay two.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from ..digest import text_digest
from ..errors import StoreError
from ..step import Place

__all__ = [
    "PATH_LIMIT",
    "fit",
    "folder_of",
    "fold",
    "safe_name",
    "safe_suffix",
    "shorten",
    "utf16_length",
]

#: Characters of a whole path, the final NUL not counted.  Windows' MAX_PATH is 260 with it:
#: learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation (read 2026-05).
PATH_LIMIT = 259
#: Longest component we make, characters and UTF-8 bytes; file systems take 255 bytes.
_NAME_LIMIT, _BYTE_LIMIT = 80, 200
#: Shorter than this a name says nothing, and the folder is too deep for us.
_NAME_FLOOR = 12
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u2028\u2029\ud800-\udfff]')
#: Devices on Windows, with any suffix and in any case.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?$", re.I)
_CUT_MARK = "~"


def safe_name(text: str) -> str:
    """``text`` as one path component; never empty, never hidden, never reserved."""
    name = unicodedata.normalize("NFC", text)
    name = _FORBIDDEN.sub("_", name).strip(" ").rstrip(". ")
    if name.startswith("."):
        name = "_" + name[1:]
    if not name:
        name = "_"
    if _RESERVED.match(name):
        name = f"_{name}"
    return shorten(name, _NAME_LIMIT)


def safe_suffix(text: str) -> str:
    """``".mp4"`` as a file's ending; "" stays."""
    return f".{safe_name(text.lstrip('.'))}" if text.strip(". ") else ""


def shorten(name: str, limit: int) -> str:
    """``name`` within ``limit`` characters, cut before a digest of the whole where needed."""
    if utf16_length(name) <= limit and len(name.encode()) <= _BYTE_LIMIT:
        return name
    tail = _CUT_MARK + text_digest(name)[:6]
    kept = name
    while kept and (utf16_length(kept + tail) > limit or len((kept + tail).encode()) > _BYTE_LIMIT):
        kept = kept[:-1]
    return kept.rstrip(". ") + tail


def utf16_length(text: str) -> int:
    """Length as Windows counts it."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def fold(path: str) -> str:
    """What two paths have in common when a system that ignores case takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", path).casefold())


def folder_of(place: Place, *, finals: str) -> PurePosixPath:
    """Where the artifact goes, relative to the project's folder.

    Finals, and what belongs to no scene, go into the folder ``finals``.
    """
    parts = [part for part in (*place.scene.split("/"), *place.shot.split("/")) if part]
    if place.final or not parts:
        return PurePosixPath(finals)
    return PurePosixPath(*map(safe_name, parts))


def fit(folder: PurePosixPath, stem: str, room: int) -> tuple[PurePosixPath, str]:
    """Folder and stem shortened until they fit in ``room`` characters, longest part first.

    Raises:
        StoreError: they cannot be made short enough.
    """
    parts = [*folder.parts, stem]
    while len(parts) - 1 + sum(map(utf16_length, parts)) > room:
        longest = max(range(len(parts)), key=lambda index: utf16_length(parts[index]))
        length = utf16_length(parts[longest])
        if length <= _NAME_FLOOR:
            raise StoreError(
                f"The path of '{'/'.join(parts)}' would be longer than {PATH_LIMIT} characters.",
                remedy="Choose an output folder with a shorter path.",
            )
        parts[longest] = shorten(parts[longest], max(_NAME_FLOOR, length - 8))
    return PurePosixPath(*parts[:-1]), parts[-1]
