# SPDX-License-Identifier: GPL-3.0-or-later
"""What a prompt left on the server: files, told by where they lie and what they are.

The kind under which a node reports a file says nothing (a video comes under ``images``): the
ending decides, and the content type where there is none.  Names come from the server and are
hostile until checked: they are used to ask for the file, never to write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = [
    "FOLDERS",
    "SUFFIXES",
    "Media",
    "OutputFile",
    "best_of",
    "files_of",
    "media_of",
    "texts_of",
]

Media: TypeAlias = Literal["image", "video", "audio", "text", "model", "latent", "other"]

#: The server's folders that a file may lie in.
FOLDERS = ("output", "temp", "input")
SUFFIXES: Mapping[str, Media] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".exr"), "image"),
    **dict.fromkeys((".mp4", ".webm", ".mkv", ".mov", ".avi", ".m4v"), "video"),
    **dict.fromkeys((".wav", ".flac", ".mp3", ".opus", ".ogg", ".m4a", ".aac"), "audio"),
    **dict.fromkeys((".txt", ".json", ".srt", ".md"), "text"),
    **dict.fromkeys((".safetensors", ".ckpt", ".pt", ".gguf"), "model"),
    ".latent": "latent",
}  # fmt: skip
_CONTENT_TYPES: Mapping[str, str] = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif",
    "video/mp4": ".mp4", "video/webm": ".webm", "video/x-matroska": ".mkv",
    "video/quicktime": ".mov", "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/flac": ".flac",
    "audio/x-flac": ".flac", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "text/plain": ".txt",
}  # fmt: skip
#: More files of one prompt are not looked at: a batch of pictures has tens.
MOST_FILES = 10_000
_LONGEST = 500
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """A file on the server.  ``suffix`` is its ending in lower case, "" without one;
    ``animated`` says that a picture moves."""

    node: str
    name: str
    subfolder: str
    folder: str
    suffix: str
    animated: bool = False

    @property
    def media(self) -> Media:
        """What it is by its ending."""
        if self.animated and self.suffix in (".webp", ".png", ".gif"):
            return "video"
        return SUFFIXES.get(self.suffix, "other")

    @property
    def kept(self) -> bool:
        """Whether it was saved, not only shown."""
        return self.folder == "output"

    @property
    def query(self) -> dict[str, str]:
        """How ``/view`` is asked for it."""
        return {"filename": self.name, "subfolder": self.subfolder, "type": self.folder}


def files_of(outputs: Any) -> tuple[OutputFile, ...]:
    """Every file that nodes report (``outputs`` by node, as in the history), without doubles.

    What is no file (flags, texts, numbers) and what could not be one is left out.
    """
    if not isinstance(outputs, Mapping):
        return ()
    found: dict[tuple[str, str, str], OutputFile] = {}
    for node, output in outputs.items():
        if isinstance(output, Mapping):
            for file in _of_node(str(node), output):
                found.setdefault((file.folder, file.subfolder, file.name), file)
                if len(found) >= MOST_FILES:
                    return tuple(found.values())
    return tuple(found.values())


def _of_node(node: str, output: Mapping[str, Any]) -> Iterator[OutputFile]:
    moves = output.get("animated")
    animated = isinstance(moves, list) and any(each is True for each in moves)
    for values in output.values():
        for value in values if isinstance(values, list) else ():
            file = _file(node, value, animated)
            if file is not None:
                yield file


def _file(node: str, value: Any, animated: bool) -> OutputFile | None:
    if not isinstance(value, Mapping):
        return None
    name, subfolder = value.get("filename"), value.get("subfolder", "")
    folder = value.get("type", "output")
    if not (isinstance(name, str) and isinstance(subfolder, str) and folder in FOLDERS):
        return None
    if not _harmless(name, subfolder):
        return None
    stem, dot, ending = name.rpartition(".")
    suffix = f".{ending.lower()}" if dot and stem and ending.isalnum() and len(ending) < 12 else ""
    return OutputFile(
        node=node, name=name, subfolder=subfolder, folder=folder, suffix=suffix, animated=animated
    )


def _harmless(name: str, subfolder: str) -> bool:
    """Whether it names a file of the server's own folder; others are never asked for."""
    parts = subfolder.replace("\\", "/").split("/")
    return (
        0 < len(name) <= _LONGEST
        and len(subfolder) <= _LONGEST
        and not _UNSEEN.search(name + subfolder)
        and "/" not in name
        and "\\" not in name
        and name not in (".", "..")
        and not subfolder.startswith(("/", "\\"))
        and ".." not in parts
        and ":" not in parts[0]
    )


def texts_of(outputs: Any) -> tuple[str, ...]:
    """Texts that nodes show."""
    if not isinstance(outputs, Mapping):
        return ()
    shown = [output.get("text") for output in outputs.values() if isinstance(output, Mapping)]
    lists = [texts for texts in shown if isinstance(texts, list)]
    return tuple(text for texts in lists for text in texts if isinstance(text, str))


def best_of(files: Iterable[OutputFile], media: str, node: str = "") -> OutputFile | None:
    """The file to take: of ``node`` when it is named, of the right kind, saved before shown.

    The last of several: of a batch numbered upwards the newest.
    """
    fit = [file for file in files if (not node or file.node == node) and file.media == media]
    return max(fit, key=lambda file: file.kept, default=None) if len(fit) < 2 else _last(fit)


def _last(files: list[OutputFile]) -> OutputFile:
    kept = [file for file in files if file.kept]
    return (kept or files)[-1]


def media_of(content_type: str) -> str:
    """The ending that fits a content type, "" for one that says nothing."""
    return _CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower(), "")
