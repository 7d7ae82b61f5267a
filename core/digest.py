# SPDX-License-Identifier: GPL-3.0-or-later
"""Content digests: one definition, used as cache key and as provenance.

The *intent* digest says what is wanted (parameters, parents' intents, seed,
quality) and never who makes it.  The *recipe* digest says how it was made
(workflow, models, versions).  BLAKE2b with 16 bytes: a collision in a film of a
million steps has odds below 1e-26.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NewType

from .jsonable import canonical

Digest = NewType("Digest", str)

__all__ = ["Digest", "digest", "file_digest", "text_digest"]


def digest(value: Any) -> Digest:
    """The digest of a JSON value: 32 hexadecimal characters."""
    return text_digest(canonical(value))


def text_digest(text: str) -> Digest:
    """The digest of a text's UTF-8 bytes."""
    return Digest(hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def file_digest(path: Path) -> Digest:
    """The digest of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        state = hashlib.blake2b(digest_size=16)
        while block := file.read(1 << 20):
            state.update(block)
    return Digest(state.hexdigest())
