# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file is by its first bytes: a name, a content type and a status prove nothing."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import BadAnswer

__all__ = ["SOUND_SUFFIXES", "check_clip", "check_picture", "check_sound", "sound_kind"]

#: Suffix by what ``sound_kind`` finds.
SOUND_SUFFIXES = {"wav": ".wav", "flac": ".flac", "ogg": ".ogg", "mp3": ".mp3", "mp4": ".m4a"}
_REMEDY = "Look at the service's own log: it may have run out of memory, or lack a model."
#: Bytes that tell; the longest signature below ends at 12.
_HEAD = 16
#: What of a text that came instead is worth showing.
_SHOWN = 200


def sound_kind(head: bytes) -> str:
    """Which kind of sound file begins so; "" for none that is known."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[4:8] == b"ftyp":
        return "mp4"
    # An MPEG audio frame: eleven bits set, a version and a layer that exist.
    frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06
    return "mp3" if head[:3] == b"ID3" or frame else ""


def check_sound(path: Path, who: str) -> str:
    """The kind of sound in a file that a service sent.

    Raises:
        BadAnswer: it is none; says what came instead where that is text.
    """
    head = _head(path)
    kind = sound_kind(head)
    if not kind:
        raise _something_else(path, who, "a sound")
    return kind


def check_clip(path: Path, who: str) -> None:
    """Let an MP4 or WebM clip pass.

    Raises:
        BadAnswer: it is none.
    """
    head = _head(path)
    if head[4:8] != b"ftyp" and head[:4] != b"\x1aE\xdf\xa3":
        raise _something_else(path, who, "a clip")


def check_picture(path: Path, who: str) -> str:
    """The kind of picture in a file that a service sent: png, jpg or webp.

    Raises:
        BadAnswer: it is none of them.
    """
    head = _head(path)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    raise _something_else(path, who, "a picture")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _something_else(path: Path, who: str, wanted: str) -> BadAnswer:
    with path.open("rb") as file:
        start = file.read(_SHOWN)
    if not start:
        return BadAnswer(f"{who} sent an empty file in place of {wanted}.", remedy=_REMEDY)
    error = BadAnswer(f"{who} sent something that is not {wanted}.", remedy=_REMEDY)
    error.log = start.decode("utf-8", "replace")
    return error
