# SPDX-License-Identifier: GPL-3.0-or-later
"""Values read from files at a price, kept beside them as Python keeps bytecode.

They lie as JSON in ``__pycache__``, under a name made from the files' names and bytes, so what
is kept never outlives a change.  Only the newest stays.  Whether they are sound is for whoever
reads them to check.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["KeptValues"]

log = logging.getLogger(__name__)


class KeptValues:
    """What is kept of ``paths``, files of ``folder``, under ``name``.

    ``form`` changes when what is kept changes its form.
    """

    def __init__(self, folder: Path, name: str, paths: Sequence[Path], *, form: str = "") -> None:
        digest = hashlib.blake2b(form.encode(), digest_size=12)
        for path in paths:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        self._name = name
        self._file = folder / "__pycache__" / f"{name}-{digest.hexdigest()}.json"

    def load(self) -> dict[str, Any] | None:
        """The values kept; None when there are none, or none that can be read."""
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def keep(self, values: Mapping[str, Any]) -> None:
        """Keep them, best effort: a folder that may not be written costs time at each start."""
        folder = self._file.parent
        try:
            folder.mkdir(exist_ok=True)
            for old in folder.glob(f"{self._name}-*.json"):
                old.unlink(missing_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(values), encoding="utf-8")
            fresh.replace(self._file)
        except OSError as error:
            log.debug("The %s were not kept in '%s': %s", self._name, folder, error)
