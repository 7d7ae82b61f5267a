# SPDX-License-Identifier: GPL-3.0-or-later
"""One file, one thing: collect what the files of a folder declare.

Files that start with ``_`` are helpers and skipped.  A file that declares
nothing, or the same id twice, is refused by name at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")

__all__ = ["collect"]


def collect(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """What each public module of ``package`` calls ``attribute``, by file stem, sorted.

    Raises:
        TypeError: a file lacks the attribute, or it is not a ``kind``.
    """
    found: dict[str, T] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        thing = getattr(module, attribute, None)
        if not isinstance(thing, kind):
            raise TypeError(f"{module.__name__} must define {attribute}: {kind.__name__}")
        found[info.name] = thing
    return found
