# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed steps left behind, kept to be looked at until they are made.

The journal says what failed, why, and from what; the files that were begun lie in a folder of
their own, one for each ticket.  Only the newest failure of a step is kept.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import MovieDirectorError, StepFailed
from ..journal import ErrorRecord, last_failures
from ..step import Step, StepId

__all__ = ["Failure", "failures_in", "keep", "prune"]

log = logging.getLogger(__name__)

#: Failures of which the files are kept: more than anybody looks at, and no disk full of them.
_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A step that failed when it was last tried; ``files`` are what was begun by then."""

    record: ErrorRecord
    files: tuple[Path, ...] = ()

    @property
    def error(self) -> MovieDirectorError:
        """What went wrong, as it was told."""
        told = {key: str(self.record.error.get(key, "")) for key in ("what", "remedy", "where")}
        error = StepFailed(told["what"], remedy=told["remedy"], where=told["where"])
        error.log = self.record.log
        return error

    def about(self, step: Step) -> bool:
        """Whether it is still of interest: the same was wanted then."""
        return self.record.step == step.id and self.record.intent == step.intent


def failures_in(journal: Path, failed: Path) -> Mapping[StepId, Failure]:
    """The failures a journal holds, newest first, with their files in ``failed``."""
    return {
        record.step: Failure(record=record, files=_files(failed / record.ticket))
        for record in last_failures(journal)
    }


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


def keep(ticket: Path, failed: Path) -> None:
    """Take a failed ticket's folder into ``failed`` where it holds anything; else it goes."""
    if _files(ticket):
        try:
            failed.mkdir(exist_ok=True)
            os.replace(ticket, failed / ticket.name)
        except OSError as error:
            log.warning("what was begun in %s could not be kept: %s", ticket, error)
    shutil.rmtree(ticket, ignore_errors=True)


def prune(journal: Path, failed: Path) -> None:
    """Remove the files of failures that are overcome, and of all but the newest."""
    if not failed.is_dir():
        return
    wanted = {record.ticket for record in last_failures(journal)[:_KEPT]}
    for folder in sorted(failed.iterdir()):
        if folder.name not in wanted:
            shutil.rmtree(folder, ignore_errors=True)
