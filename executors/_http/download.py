# SPDX-License-Identifier: GPL-3.0-or-later
"""Files fetched from and sent to a service.

What comes is written beside its place under a name of ours, counted and digested on the way, and
takes its place only when it is whole; whatever is refused is deleted.  A name that a server gives
is one component of a path or nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from ...core.digest import Digest
from ...core.errors import BadAnswer, StorageFull, StoreError
from ...core.store.names import safe_name
from .body import Limits, announced, pieces
from .client import Answer, Ask, Http

__all__ = ["Fetched", "Form", "fetch", "send", "served_name"]

#: What stays free on the disk, in bytes: the system and the journal need some.
KEPT_FREE = 256 * 2**20
#: The largest file taken without being told otherwise, in bytes: minutes of 4K film.
MOST = 8 * 2**30
_PIECE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that is whole: ``content`` is the digest of its bytes, ``type`` what the service called it."""

    path: Path
    bytes: int
    content: Digest
    type: str


def served_name(name: object, who: str) -> str:
    """A file name that a server gave, as one safe component.

    Raises:
        BadAnswer: it leads out of its folder, or is none.
    """
    bad = not isinstance(name, str) or not name.strip(" .") or len(name) > 1000
    if isinstance(name, str) and not bad:
        bad = bool(set(name) & set("/\\\0")) or bool(PureWindowsPath(name).drive)
    if bad or not isinstance(name, str):
        shown = "".join(char if char.isprintable() else "?" for char in str(name))[:80]
        raise BadAnswer(
            f"{who} named a file '{shown}', which leads out of its folder or is no name.",
            remedy="Do not use this service before you know why it answers so.",
        )
    return safe_name(name)


def fetch(
    http: Http,
    ask: Ask,
    path: Path,
    *,
    types: Collection[str] = (),
    most: int = MOST,
    heard: Callable[[int], None] | None = None,
) -> Fetched:
    """The body of an answer as the file ``path``, whose folder is there.

    ``types`` are beginnings of the content types that are taken (all, where none is given);
    ``most`` is in bytes; ``heard`` is called with the bytes so far.  Errors as ``Http`` says, and:

    Raises:
        StorageFull: there is no room for it.
        StoreError: it cannot be written.
    """
    ask = replace(ask, limits=Limits(bytes=most))
    return http.patiently(ask, lambda: _once(http, ask, path, types, heard))


def _once(
    http: Http, ask: Ask, path: Path, types: Collection[str], heard: Callable[[int], None] | None
) -> Fetched:
    # Not the name it will have: whoever looks into the folder must not take it for the file.
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with http.opened(ask) as answer:
            kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
            if types and not kind.startswith(tuple(types)):
                raise _unasked(http.who, kind)
            _check_room(path, announced(answer))
            state = hashlib.blake2b(digest_size=16)  # as core.digest.file_digest
            total = 0
            with aside.open("xb") as file:
                for piece in pieces(answer, ask.limits.bytes, http.who):
                    if total // _PIECE != (total + len(piece)) // _PIECE:
                        _check_room(path, 0)
                    file.write(piece)
                    state.update(piece)
                    total += len(piece)
                    if heard is not None:
                        heard(total)
        aside.replace(path)
    except OSError as error:
        raise StoreError(
            f"What {http.who} sent could not be written ({error.strerror or error}).",
            remedy="Check that its folder can be written and has room.",
        ) from error
    finally:
        aside.unlink(missing_ok=True)
    return Fetched(path=path, bytes=total, content=Digest(state.hexdigest()), type=kind)


def _check_room(path: Path, more: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if free - more < KEPT_FREE:
        raise StorageFull(
            f"There is no room for '{path.name}' in '{path.parent}'.",
            remedy="Free some space on the disk, or choose another output folder.",
        )


def _unasked(who: str, kind: str) -> BadAnswer:
    shown = "".join(char if char.isprintable() else "?" for char in kind)[:60]
    return BadAnswer(
        f"{who} sent '{shown}' in place of the file it was asked for.",
        remedy="Look at the service's own log.",
    )


class Form:
    """A form with files (``multipart/form-data``) that is never in memory as a whole.

    Names of files are made safe; ``fields`` are text.  It may be sent again.
    """

    def __init__(self, fields: Mapping[str, str], files: Mapping[str, tuple[str, Path]]) -> None:
        """``files`` gives for each field the name it is sent under and where it lies.

        Raises:
            OSError: a file is not there.
        """
        self._mark = secrets.token_hex(16)
        self._parts: list[bytes | Path] = []
        for name, text in fields.items():
            self._parts += [self._head(name, None), text.encode(), b"\r\n"]
        for name, (called, path) in files.items():
            self._parts += [self._head(name, safe_name(called)), path, b"\r\n"]
        self._parts.append(f"--{self._mark}--\r\n".encode())
        self._length = sum(
            part.stat().st_size if isinstance(part, Path) else len(part) for part in self._parts
        )

    @property
    def content_type(self) -> str:
        """The header that tells where its parts begin."""
        return f"multipart/form-data; boundary={self._mark}"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            with part.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece

    def _head(self, field: str, called: str | None) -> bytes:
        named = f'; filename="{called}"' if called is not None else ""
        kind = "\r\nContent-Type: application/octet-stream" if called is not None else ""
        return (
            f'--{self._mark}\r\nContent-Disposition: form-data; name="{safe_name(field)}"{named}'
            f"{kind}\r\n\r\n"
        ).encode()


def send(http: Http, ask: Ask, form: Form) -> Answer:
    """The answer to a form.  Errors as ``Http`` says."""
    return http.ask(replace(ask, body=form, content_type=form.content_type))
