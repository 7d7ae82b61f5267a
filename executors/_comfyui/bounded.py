# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and answers that ComfyUI may have written, taken in only as far as they stay reasonable."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from ...core.errors import InputError
from ...core.foreign_json import ForeignJson, read_foreign

__all__ = ["Bounds", "parse_json", "read_file"]


class Bounds:
    """What a document may be at most.

    The largest workflow of the official templates (0.1.50) has 0.6 MB, 45 000 values and a depth
    of 12; ``/object_info`` of a stock 0.33 has 1.6 MB and 96 000 values, of a server with
    hundreds of custom nodes some tens of megabytes.
    """

    SIZE = 64 * 2**20  #: bytes of text
    DEPTH = 64  #: lists and objects inside each other
    VALUES = 4_000_000  #: values in all


def parse_json(text: bytes | str, what: str) -> Any:
    """The JSON value of ``text``, checked; ``what`` is how errors call it.

    Raises:
        InputError: it is too large, too deep, or no JSON.
    """
    if len(text) > Bounds.SIZE:
        _refuse(what, f"has more than {Bounds.SIZE // 2**20} MB")
    try:
        return read_foreign(text, depth=Bounds.DEPTH, values=Bounds.VALUES)
    except ForeignJson as error:
        _refuse(what, str(error))


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a file of bounded size.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(Bounds.SIZE + 1)
    except OSError as error:
        raise InputError(
            f"{what} could not be read: {error.strerror or error}.",
            remedy="Check the name, and that you may read it.",
        ) from error
    if len(data) > Bounds.SIZE:
        _refuse(what, f"has more than {Bounds.SIZE // 2**20} MB")
    return data


def _refuse(what: str, why: str) -> NoReturn:
    raise InputError(f"{what} {why}.", remedy="Give a file that was saved or exported by ComfyUI.")
