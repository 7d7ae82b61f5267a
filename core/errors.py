# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error Movie Director raises on purpose, each with its remedy.

    MovieDirectorError
    ├── InputError              what the user gave cannot be used
    │   ├── ScriptError         a screenplay cannot be read; names line and column
    │   ├── GraphError          a film graph is malformed
    │   │   └── LinkError       a link joins sockets that cannot be joined
    │   └── MediaError          a picture, clip, recording or font cannot be used
    ├── PlanError               what is wanted cannot be planned
    │   └── OutOfMemoryBudget   one step alone needs more memory than there is
    ├── StoreError              the output folder cannot be used
    │   ├── StorageFull         no room left
    │   └── ProjectBusy         another evaluation holds the project
    ├── ServiceError            a service failed
    │   ├── ServiceLost         it no longer answers
    │   ├── ServiceRefused      it answered no
    │   │   └── Unauthorised    it wants a token, or another one
    │   ├── Incompatible        it is of a known kind, and cannot be used as it is
    │   ├── BadAnswer           what it answered cannot be trusted or understood
    │   └── StepFailed          it answered that the work failed
    │       └── OutOfMemory     it ran out of its device's memory
    └── MissingLibrary          an optional library is not installed

An error says what happened, what to do, and which node it is about.  Being
cancelled is not an error and has no class here.  A ``KeyError`` or a
``TypeError`` that escapes is a bug of ours.
"""

from __future__ import annotations

from typing import Any

from .amounts import amount

__all__ = [
    "BadAnswer",
    "GraphError",
    "Incompatible",
    "InputError",
    "LinkError",
    "MediaError",
    "MissingLibrary",
    "MovieDirectorError",
    "OutOfMemory",
    "OutOfMemoryBudget",
    "PlanError",
    "ProjectBusy",
    "ScriptError",
    "ServiceError",
    "ServiceLost",
    "ServiceRefused",
    "StepFailed",
    "StorageFull",
    "StoreError",
    "Unauthorised",
]


class MovieDirectorError(Exception):
    """What happened (past tense), what to do (imperative), and where.

    ``where`` is the id of the node the error is about, or "" when it is about
    none.  ``log`` is what was said beyond it, for inspection.  Survives copy, pickle and
    JSON (``as_json``, without the log).
    """

    log: str = ""

    def __init__(self, what: str, *, remedy: str, where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what} {self.remedy}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments do not survive the default protocol.
        return (_rebuild, (type(self), self.what, self.__dict__.copy()))

    def as_json(self) -> dict[str, str]:
        """``{"error", "what", "remedy", "where"}``, all strings."""
        return {
            "error": type(self).__name__,
            "what": self.what,
            "remedy": self.remedy,
            "where": self.where,
        }


def _rebuild(
    kind: type[MovieDirectorError], what: str, state: dict[str, Any]
) -> MovieDirectorError:
    error = kind.__new__(kind)
    Exception.__init__(error, what)
    error.__dict__.update(state)
    return error


class InputError(MovieDirectorError):
    """What the user gave cannot be used."""


class ScriptError(InputError):
    """A screenplay cannot be read.  ``line`` and ``column`` count from 1."""

    def __init__(self, what: str, *, remedy: str, line: int, column: int, where: str = "") -> None:
        super().__init__(f"Line {line}, column {column}: {what}", remedy=remedy, where=where)
        self.line = line
        self.column = column


class GraphError(InputError):
    """A film graph is malformed: an unknown type, a bad value, a cycle."""


class LinkError(GraphError):
    """A link joins sockets that cannot be joined."""


class MediaError(InputError):
    """A picture, clip, recording, font or codec cannot be used."""


class PlanError(MovieDirectorError):
    """What is wanted cannot be planned on what there is."""


class OutOfMemoryBudget(PlanError):
    """One step alone needs more memory than its device may use (``needs``, ``budget``: bytes)."""

    def __init__(self, where: str, *, needs: int, budget: int, remedy: str = "") -> None:
        super().__init__(
            f"This step needs {amount(needs)} of memory; the budget is {amount(budget)}.",
            remedy=remedy
            or "Choose a smaller model on the node, or raise the memory limit of the project.",
            where=where,
        )
        self.needs = needs
        self.budget = budget


class StoreError(MovieDirectorError):
    """The output folder cannot be read or written."""


class StorageFull(StoreError):
    """There is no room left on the disk, or the project's storage limit is reached."""


class ProjectBusy(StoreError):
    """Another evaluation holds this project; ``what`` says who and since when."""


class ServiceError(MovieDirectorError):
    """A service failed."""


class ServiceLost(ServiceError):
    """A service no longer answers.

    ``sent`` is False where the question surely never reached it; ``silent`` says that it was waited
    for in vain, while the connection stood.
    """

    sent: bool = True
    silent: bool = False


class ServiceRefused(ServiceError):
    """A service answered no.  ``status`` is HTTP's, ``answer`` what it said, as far as it was kept.

    ``transient`` says whether asking again later makes sense, ``wait`` after how many seconds.
    """

    status: int = 0
    answer: bytes = b""
    transient: bool = False
    wait: float = 0.0


class Unauthorised(ServiceRefused):
    """A service wants a token or password, or another one than it got."""


class Incompatible(ServiceError):
    """A service of a known kind that cannot be used as it is: too old, or started without its API."""


class BadAnswer(ServiceError):
    """What a service answered cannot be trusted or understood: too large, too deep, led elsewhere."""


class StepFailed(ServiceError):
    """A service answered, and what it answered is that the work failed.

    ``transient`` says that it may have been for what the service lost, and is now given anew.
    """

    transient: bool = False


class OutOfMemory(StepFailed):
    """A service ran out of its device's memory; plans take more of it into account from then on."""


class MissingLibrary(MovieDirectorError):
    """An optional library is not installed; ``remedy`` is the command that installs it."""
