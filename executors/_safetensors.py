# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights in the safetensors format: looked at before they are kept, and a note in their place.

A file begins with eight bytes (how long the header is, little endian), then the header, JSON that
tells of each tensor its type, shape and place, then the tensors' bytes
(https://github.com/huggingface/safetensors, "Format").  Nothing in it is ever run; what is judged is
whether it is whole, is a LoRA, and holds numbers: a training that ran away leaves none.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

__all__ = ["BadWeights", "check_lora", "write_note"]

#: Bytes of a header that are read, and tensors in it: a LoRA of a 30B model has some thousands.
_MOST_HEADER, _MOST_TENSORS = 8 * 2**20, 50_000
_SIZES: Mapping[str, int] = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4,
    "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip
#: Types by which bits all set say that something is no number.
_EXPONENTS: Mapping[str, tuple[str, int]] = {
    "F32": ("<u4", 0x7F800000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80),
}  # fmt: skip
#: What is in the names of what LoRAs and their kin hold, as ComfyUI's training names it.
_PART = re.compile(r"lora|hada_|lokr_|oft_|\.diff(_b)?$")
_METADATA = "__metadata__"


class BadWeights(Exception):
    """Why a file is not what it should be, to follow "it"."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    type: str
    start: int
    bytes: int


def check_lora(path: Path) -> int:
    """How many tensors a LoRA holds.

    Raises:
        BadWeights: it is none, is not whole, or holds what is no number.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        tensors = _tensors(file, path.stat().st_size)
        if not any(map(_PART.search, tensors)):
            raise BadWeights("holds no LoRA")
        for tensor in tensors.values():
            _check_numbers(file, tensor)
    return len(tensors)


def write_note(path: Path, words: Mapping[str, str]) -> None:
    """A file without weights that any reader of the format opens, and that holds these words."""
    header = json.dumps({_METADATA: dict(words)}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def _tensors(file: BinaryIO, size: int) -> Mapping[str, _Tensor]:
    start = file.read(8)
    if len(start) < 8:
        raise BadWeights("is empty")
    (length,) = struct.unpack("<Q", start)
    if length > min(_MOST_HEADER, size - 8):
        raise BadWeights("does not begin as weights do")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError):
        raise BadWeights("has a header that cannot be read") from None
    if not isinstance(header, dict) or not 0 < len(header) <= _MOST_TENSORS:
        raise BadWeights("has a header that makes no sense")
    header.pop(_METADATA, None)
    begin = 8 + length
    found = {name: _tensor(spec, begin) for name, spec in header.items()}
    end = begin
    for tensor in sorted(found.values(), key=lambda each: (each.start, each.bytes)):
        if tensor.start != end:
            raise BadWeights("has gaps between its tensors, or two in one place")
        end += tensor.bytes
    if end != size:
        raise BadWeights("is not whole")
    return found


def _tensor(spec: Any, begin: int) -> _Tensor:
    """A tensor as the header tells of it."""
    given = spec if isinstance(spec, dict) else {}
    type = str(given.get("dtype"))
    shape, places = _counts(given.get("shape"), 8), _counts(given.get("data_offsets"), 2)
    if type not in _SIZES or shape is None or places is None or len(places) != 2:
        raise BadWeights("has a tensor that makes no sense")
    size = math.prod(shape) * _SIZES[type]
    if places[1] - places[0] != size:
        raise BadWeights("has a tensor of another size than it says")
    return _Tensor(type, begin + places[0], size)


def _counts(value: Any, most: int) -> list[int] | None:
    """Numbers from 0, at most so many of them; None for anything else."""
    if not isinstance(value, list) or len(value) > most:
        return None
    return value if all(type(each) is int and 0 <= each < 2**40 for each in value) else None


def _check_numbers(file: BinaryIO, tensor: _Tensor) -> None:
    kind, bits = _EXPONENTS.get(tensor.type, ("", 0))
    if not bits:
        return
    file.seek(tensor.start)
    read = np.frombuffer(file.read(tensor.bytes), dtype=kind)
    if bool(np.any((read & bits) == bits)):
        raise BadWeights("holds what are no numbers: the training ran away")
