# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command of the command line is: a name, words for people, arguments, what it does.

Each file in ``verbs`` declares one ``VERB``; parser, help and reference page are
made from the declarations.  A command may have commands of its own (``parts``), such as
``workflow convert``; a file of ``verbs`` then declares each of those, named after both.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .desk import Desk
from .interrupt import Interrupts

__all__ = ["DONE", "FAILED", "INTERRUPTED", "PROJECT_BUSY", "WRONG_USE", "Call", "Verb", "every"]

#: Exit codes.
DONE, FAILED, WRONG_USE, PROJECT_BUSY, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a verb: its arguments, where to speak, and whether to stop."""

    args: argparse.Namespace
    desk: Desk
    interrupts: Interrupts


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """What a command that only holds others takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command.  ``run`` gives an exit code; ``examples`` are (command line, what it does).

    ``parts`` are commands inside it, in the order of its help.  One without ``run`` is
    wrong use when none of its parts is named.
    """

    name: str  #: one word; a part's does not repeat its group's
    usage: str  #: its arguments in short, as the first line of its help
    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    run: Callable[[Call], int] | None = None
    parts: tuple[Verb, ...] = ()


def every(verbs: Sequence[Verb], group: str = "") -> Iterator[tuple[str, Verb]]:
    """Each command and, after it, each of its parts, with all that one types to call it."""
    for verb in verbs:
        typed = f"{group} {verb.name}".strip()
        yield typed, verb
        yield from every(verb.parts, typed)
