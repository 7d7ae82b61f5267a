# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service says of itself, fit to be shown: short, on one line, without control characters.

A server may call itself a megabyte of text, or letters that move a terminal's cursor.  The one idea:
it is made modest where it comes in, so nobody who shows it needs to think of that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .errors import ServiceError
from .executor import Health
from .step import ModelId, Service

__all__ = ["modest", "modest_error", "modest_health", "modest_service"]

#: Characters of a name, of a sentence, and how many models are listed at most.
_NAME, _SENTENCE, _MODELS = 120, 1000, 20_000
#: The longest name of a model's file that is taken: longer than any file system has.
_FILE = 1024


def modest(text: str, most: int = _SENTENCE) -> str:
    """``text`` on one line, at most ``most`` characters of it, with "?" for what cannot be shown."""
    # Cut before anything looks at every letter; spaces may still go.
    line = " ".join(text[: 4 * most].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def modest_service(service: Service) -> Service:
    """With its texts modest, and without models whose names cannot be names of files."""
    return replace(
        service,
        name=modest(service.name, _NAME),
        version=modest(service.version, _NAME),
        gpu=modest(service.gpu, _NAME),
        models=tuple(_files(service.models)),
    )


def modest_health(health: Health) -> Health:
    """With its texts modest, and without models whose names cannot be names of files."""
    loaded = frozenset(_files(sorted(health.loaded)))
    return replace(health, note=modest(health.note), loaded=loaded)


def modest_error(error: ServiceError) -> ServiceError:
    """The same error, its sentences modest."""
    error.what, error.remedy = modest(error.what), modest(error.remedy)
    return error


def _files(names: Iterable[str]) -> list[ModelId]:
    """Names are compared with others', so one is taken as it is or not at all."""
    kept = (ModelId(name) for name in names if len(name) <= _FILE and name.isprintable())
    return [name for _, name in zip(range(_MODELS), kept, strict=False)]
