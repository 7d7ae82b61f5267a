# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command of the command line is: a name, words for people, arguments, what it does.

Each file in ``verbs`` declares one ``VERB``; parser, help and reference page are
made from the declarations.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from .desk import Desk
from .interrupt import Interrupts

__all__ = ["DONE", "FAILED", "INTERRUPTED", "PROJECT_BUSY", "WRONG_USE", "Call", "Verb"]

#: Exit codes.
DONE, FAILED, WRONG_USE, PROJECT_BUSY, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a verb: its arguments, where to speak, and whether to stop."""

    args: argparse.Namespace
    desk: Desk
    interrupts: Interrupts


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command.  ``run`` gives an exit code; ``examples`` are (command line, what it does)."""

    name: str
    usage: str  #: its arguments in short, as the first line of its help
    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Call], int]
