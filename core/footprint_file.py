# SPDX-License-Identifier: GPL-3.0-or-later
"""What a footprint file may hold: every key checked, every error with file and key.

A size far from parameters times bits per weight is a slip of the pen more often than not:
it is refused unless ``why`` explains it.  Reading the file itself is ``yaml_file``'s.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from typing import Any

from .errors import InputError
from .footprint import BITS

__all__ = ["ROLES", "SCHEMA", "check_file", "check_own", "check_together"]

SCHEMA = "movie-director/footprints@1"

KINDS = frozenset({"image", "video", "sound", "text", "encoder"})
#: What a model does in a workflow.
ROLES = frozenset(
    {"checkpoint", "diffusion", "text encoder", "image encoder", "audio encoder", "vae", "lora",
     "controlnet", "upscaler", "interpolation", "depth", "matting", "pose", "face", "audio",
     "speech", "voice", "language model"}
)  # fmt: skip

#: How far bytes may lie from parameters times bits without a reason.
_TOLERANCE = 0.25
_MOST_BYTES = 2**41
_ID = re.compile(rf"[a-z0-9]+(?:[.-][a-z0-9]+)*/(?:{'|'.join(BITS)})")
_FAMILY = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")

_BYTES = ("base_bytes", "bytes_per_megapixel_frame", "decode_bytes_per_megapixel",
          "decode_bytes_per_megapixel_frame", "bytes_per_second", "bytes_per_token")  # fmt: skip
_SECONDS = ("per_megapixel_frame", "per_megapixel_frame_squared", "per_second", "per_token")


def check_file(file: str, value: Any) -> dict[str, Any]:
    """The file's value, with all parts there: sources, families, models.

    Raises:
        InputError: a key is missing, unknown or of the wrong kind.
    """
    top = _Keys(file, "", value, need=("schema", "sources", "models"), may=("families",))
    if value["schema"] != SCHEMA:
        raise top.error("schema", f"must be {SCHEMA}")
    sources = {key: _source(file, key, of) for key, of in top.table("sources").items()}
    families = {key: _family(file, key, of, sources) for key, of in top.table("families").items()}
    listed = value["models"]
    if not isinstance(listed, list):
        raise top.error("models", "must be a list")
    models = [_model(file, index, of, sources) for index, of in enumerate(listed)]
    return {"sources": sources, "families": families, "models": models}


def check_own(file: str, value: Any, families: Collection[str]) -> dict[str, Any]:
    """The value of a user's own file, which stands on top of ``families`` and ``models``.

    Everything but the schema may be left out; ``bytes`` gives sizes of weights: other ones than
    known models have, and those of models that nobody else knows.

    Raises:
        InputError: as ``check_file``, and for what is no size.
    """
    top = _Keys(file, "", value, need=("schema",), may=("sources", "families", "models", "bytes"))
    rest = {key: each for key, each in value.items() if key != "bytes"}
    checked = check_file(file, {"sources": {}, "models": [], **rest})
    for id, size in top.table("bytes").items():
        if type(id) is not str or not 0 < len(id) <= 200:
            raise top.error("bytes", "must go by the models' names")
        if type(size) is not int or not 0 < size <= _MOST_BYTES:
            raise top.error(f"bytes.{id}", f"must be a whole number from 1 to {_MOST_BYTES}")
    check_together({file: checked}, families)
    return {**checked, "bytes": top.table("bytes")}


def check_together(files: Mapping[str, Mapping[str, Any]], known: Collection[str] = ()) -> None:
    """Refuse an id or a file name used twice, and a family that is neither there nor ``known``.

    Raises:
        InputError: names the file, the key and the other place.
    """
    families: dict[str, str] = {}
    for file, value in files.items():
        for id in value["families"]:
            _once(families, id, file, f"families.{id}")
    seen: dict[str, str] = {}
    for file, value in files.items():
        for model in value["models"]:
            key = f"models.{model['id']}"
            for name in (model["id"], *map(str.lower, model.get("files", ()))):
                _once(seen, name, file, key)
            if model["family"] not in families and model["family"] not in known:
                raise _error(file, f"{key}.family", f"there is no family '{model['family']}'")


def _once(seen: dict[str, str], name: str, file: str, key: str) -> None:
    if name in seen:
        raise _error(file, key, f"'{name}' is used already in {seen[name]}")
    seen[name] = f"{file}, {key}"


def _source(file: str, key: str, value: Any) -> dict[str, str]:
    keys = _Keys(file, f"sources.{key}", value, need=("where", "read"))
    read = keys.text("read")
    try:
        datetime.date.fromisoformat(read)
    except ValueError as error:
        raise keys.error("read", "must be a day such as 2026-11-24") from error
    return {"where": keys.text("where"), "read": read}


def _family(file: str, id: str, value: Any, sources: Collection[str]) -> dict[str, Any]:
    need, may = ("title", "kind", "memory"), ("frames_per_latent", "seconds")
    keys = _Keys(file, f"families.{id}", value, need=need, may=may)
    if not isinstance(id, str) or not _FAMILY.fullmatch(id):
        raise keys.error("", "must be written in a-z, 0-9, '.' and '-'")
    keys.text("title")
    keys.one_of("kind", KINDS)
    keys.whole("frames_per_latent", 1, 64)
    memory = keys.part("memory", need=("base_bytes", "source"), may=_BYTES)
    for name in _BYTES:
        memory.whole(name, 0, _MOST_BYTES)
    memory.one_of("source", sources)
    if "seconds" in keys.value:
        seconds = keys.part("seconds", need=("source",), may=_SECONDS)
        for name in _SECONDS:
            seconds.number(name)
        seconds.one_of("source", sources)
    return dict(keys.value)


def _model(file: str, index: int, value: Any, sources: Collection[str]) -> dict[str, Any]:
    id = value.get("id") if isinstance(value, dict) else None
    need = ("id", "family", "role", "bytes", "size", "parameters", "source")
    keys = _Keys(
        file,
        f"models.{id if isinstance(id, str) else index}",
        value,
        need=need,
        may=("files", "url", "load", "measured", "why"),
    )
    if not _ID.fullmatch(keys.text("id")):
        raise keys.error("id", f"must be name/precision, in lower case, one of {', '.join(BITS)}")
    keys.text("family")
    keys.one_of("role", ROLES)
    keys.whole("bytes", 1, _MOST_BYTES)
    keys.whole("parameters", 1, _MOST_BYTES)
    keys.one_of("size", ("exact", "rounded", "estimated"))
    keys.one_of("load", ("mapped", "unpickled"))
    keys.one_of("source", sources)
    for name in ("url", "measured", "why"):
        keys.text(name)
    keys.texts("files")
    _check_size(keys)
    return dict(keys.value)


def _check_size(keys: _Keys) -> None:
    value = keys.value
    expected = value["parameters"] * BITS[value["id"].rpartition("/")[2]] / 8
    off = value["bytes"] / expected - 1
    if abs(off) > _TOLERANCE and not value.get("why"):
        raise keys.error(
            "bytes",
            f"lies {off:+.0%} from parameters times bits per weight; say why, or correct it",
        )


def _error(file: str, key: str, what: str) -> InputError:
    return InputError(
        f"The footprint file '{file}', key {key or '(all)'}: {what}.",
        remedy="Correct the file and try again.",
    )


class _Keys:
    """One mapping of the file: which keys it must and may have, and of which kind."""

    def __init__(
        self,
        file: str,
        path: str,
        value: Any,
        *,
        need: Collection[str] = (),
        may: Collection[str] = (),
    ) -> None:
        self._file, self._path = file, path
        if not isinstance(value, dict):
            raise self.error("", "must be a table of keys and values")
        self.value: dict[str, Any] = value
        for key in need:
            if key not in value:
                raise self.error(str(key), "is missing")
        for key in value:
            if key not in need and key not in may:
                raise self.error(str(key), "is unknown")

    def error(self, key: str, what: str) -> InputError:
        return _error(self._file, ".".join(part for part in (self._path, key) if part), what)

    def part(self, key: str, *, need: Collection[str], may: Collection[str]) -> _Keys:
        path = ".".join(part for part in (self._path, key) if part)
        return _Keys(self._file, path, self.value[key], need=need, may=may)

    def table(self, key: str) -> dict[str, Any]:
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "must be a table of keys and values")
        return value

    def text(self, key: str) -> str:
        value = self.value.get(key, "-")
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be a text")
        return value

    def texts(self, key: str) -> None:
        value = self.value.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, "must be a list of texts")

    def one_of(self, key: str, choices: Collection[str]) -> None:
        if key in self.value and self.value[key] not in choices:
            raise self.error(key, f"must be one of {', '.join(sorted(choices))}")

    def whole(self, key: str, least: int, most: int) -> None:
        value = self.value.get(key, least)
        if type(value) is not int or not least <= value <= most:
            raise self.error(key, f"must be a whole number from {least} to {most}")

    def number(self, key: str) -> None:
        value = self.value.get(key, 0)
        if type(value) not in (int, float) or not 0 <= value < 1e9:
            raise self.error(key, "must be a number, not negative")
