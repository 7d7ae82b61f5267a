# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows inside the pictures, clips and recordings that ComfyUI made of them.

ComfyUI writes two JSON texts into what it saves: ``workflow``, as the editor has it, and
``prompt``, as it ran.  Where they lie depends on the format.  A file is from anywhere: only what
is needed is read, nothing is unpacked beyond a limit, and clips are opened for their header alone.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ...core.errors import InputError, MediaError
from .bounded import Bounds, parse_json, read_file
from .ui_graph import is_ui_workflow

__all__ = ["CARRIERS", "Carried", "is_prompt", "read_carried"]

PICTURES = (".png", ".webp")
CLIPS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
#: Kinds of file that may hold a workflow.
CARRIERS = (".json", *PICTURES, *CLIPS)
#: The keys of the two texts; what others write beside them is not looked at.
KEYS = ("workflow", "prompt")
#: Chunks of a picture that are looked at; a PNG of ours has about twenty.
CHUNKS = 10_000
PNG = b"\x89PNG\r\n\x1a\n"
#: Entries of an EXIF directory.
ENTRIES = 200
_REMEDY = "Give a file saved or exported by ComfyUI: JSON, PNG, WebP, MP4, WebM or FLAC."
#: Files that name other files or addresses are not opened.
_OPENING = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,webm,flac,mp3,ogg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a file holds: the editor's workflow, the prompt that ran, or both (None: not there)."""

    workflow: Any = None
    prompt: Any = None


def read_carried(path: Path) -> Carried:
    """The workflow in a file, by the kind of file that its name says it is.

    Raises:
        InputError: it cannot be read, holds none, or what it holds is no JSON.
    """
    suffix = path.suffix.lower()
    name = path.name[:120]
    if suffix == ".json":
        return _sorted(parse_json(read_file(path, name), name), name)
    if suffix not in CARRIERS:
        raise InputError(f"{name} is no kind of file that holds a workflow.", remedy=_REMEDY)
    texts = _texts(path, suffix, name)
    found = {key: parse_json(texts[key], f"The {key} in {name}") for key in KEYS if texts.get(key)}
    workflow, prompt = found.get("workflow"), found.get("prompt")
    workflow = workflow if is_ui_workflow(workflow) else None
    prompt = _without_changes(prompt) if is_prompt(prompt) else None
    if workflow is None and prompt is None:
        raise InputError(f"{name} holds no workflow.", remedy=_REMEDY)
    return Carried(workflow=workflow, prompt=prompt)


def is_prompt(value: Any) -> bool:
    """Whether a JSON value is in the format that servers run."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(node, dict)
            and isinstance(node.get("class_type"), str)
            and isinstance(node.get("inputs"), dict)
            for node in value.values()
        )
    )


def _sorted(value: Any, name: str) -> Carried:
    if is_ui_workflow(value):
        return Carried(workflow=value)
    if is_prompt(value):
        return Carried(prompt=_without_changes(value))
    raise InputError(f"{name} holds no workflow of ComfyUI.", remedy=_REMEDY)


def _without_changes(prompt: Any) -> Any:
    """Without ``is_changed``: posted again, it would pin a loader to what a file once was."""
    return {
        id: {key: value for key, value in node.items() if key != "is_changed"}
        for id, node in prompt.items()
    }


def _texts(path: Path, suffix: str, name: str) -> Mapping[str, str]:
    if suffix in CLIPS:
        return _clip_texts(path, name)
    try:
        with path.open("rb") as file:
            chunks = _png_texts(file) if suffix == ".png" else _webp_texts(file)
            return {key: text for key, text in chunks if key in KEYS}
    except OSError as error:
        raise InputError(
            f"{name} could not be read: {error.strerror or error}.",
            remedy="Check the name, and that you may read it.",
        ) from error
    except _Broken as error:
        raise InputError(f"{name} is broken: {error}.", remedy=_REMEDY) from None


class _Broken(Exception):
    """A picture's bytes contradict themselves."""


# -- PNG ----------------------------------------------------------------------------------------


def _png_texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    if file.read(8) != PNG:
        raise _Broken("it does not begin as a PNG does")
    for _ in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield from _png_text(kind, _taken(file, length))
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)


def _png_text(kind: bytes, body: bytes) -> Iterator[tuple[str, str]]:
    """Keyword and text of a chunk; nothing for keywords that are not ours."""
    key, _, rest = body.partition(b"\0")
    word = key.decode("latin-1")
    if word not in KEYS:
        return
    if kind == b"tEXt":
        yield word, rest.decode("latin-1")
    elif kind == b"zTXt":
        yield word, _inflated(rest[1:]).decode("latin-1")
    elif len(rest) > 2:
        packed = rest[0] == 1
        text = rest[2:].split(b"\0", 2)[-1]
        yield word, (_inflated(text) if packed else text).decode("utf-8", "replace")


def _inflated(packed: bytes) -> bytes:
    """Unpacked up to the limit for a document; more is refused."""
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(packed, Bounds.SIZE)
    except zlib.error as error:
        raise _Broken(f"a packed text cannot be unpacked ({error})") from None
    if inflating.unconsumed_tail:
        raise _Broken(f"a packed text has more than {Bounds.SIZE // 2**20} MB")
    return text


def _taken(file: BinaryIO, length: int) -> bytes:
    if length > Bounds.SIZE:
        raise _Broken(f"a text in it has more than {Bounds.SIZE // 2**20} MB")
    body = file.read(length)
    if len(body) < length:
        raise _Broken("it ends before a text in it does")
    return body


# -- WebP ---------------------------------------------------------------------------------------


def _webp_texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise _Broken("it does not begin as a WebP does")
    for _ in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        if kind == b"EXIF":
            yield from _exif_texts(_taken(file, length).removeprefix(b"Exif\0\0"))
            return
        file.seek(length + length % 2, 1)


def _exif_texts(body: bytes) -> Iterator[tuple[str, str]]:
    """``key:text`` of the first directory's text entries."""
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return
    try:
        (at,) = struct.unpack_from(f"{order}I", body, 4)
        (count,) = struct.unpack_from(f"{order}H", body, at)
        for entry in range(min(count, ENTRIES)):
            _, kind, length, value = struct.unpack_from(f"{order}HHII", body, at + 2 + 12 * entry)
            if kind != 2:  # text
                continue
            start = value if length > 4 else at + 10 + 12 * entry
            text = body[start : start + length].rstrip(b"\0").decode("utf-8", "replace")
            key, colon, rest = text.partition(":")
            if colon:
                yield key, rest
    except struct.error:
        raise _Broken("its EXIF directory points outside it") from None


# -- clips and recordings -------------------------------------------------------------------------


def _clip_texts(path: Path, name: str) -> Mapping[str, str]:
    """The header's tags; Matroska writes their names in capitals."""
    import av  # FFmpeg takes long to load: only when a clip is asked for

    if not path.is_file():
        raise InputError(f"{name} is not there.", remedy="Check the name.")
    try:
        with av.open(str(path), metadata_errors="replace", options=_OPENING) as container:
            tags = dict(container.metadata)
            for stream in container.streams:
                tags = {**stream.metadata, **tags}
    except (av.error.FFmpegError, OSError, ValueError, EOFError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"{name} could not be read: {why}.", remedy=_REMEDY) from error
    return {key.lower(): text for key, text in tags.items() if key.lower() in KEYS}
