# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line's grammar and help, from the verbs' declarations."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from .verb import Verb

__all__ = ["WrongUse", "make_parser"]

ABOUT = """\
Turn a screenplay into a film: a tree of nodes you can open in Blender, and from
it a film with picture, voices, sound and music.
"""
FILMS = """\
FILM is a .blend, a screenplay (.fountain, .spmd, .fdx, .txt) or a graph (.json).
Reading or writing a .blend needs Blender's module: pip install "movie-director[blender]",
or use the command inside Blender: blender -c movie_director ...

exit codes: 0 done, 1 failed, 2 wrong use or bad input, 3 the project is busy,
            130 interrupted (the same command again goes on where it stopped)
"""


class WrongUse(Exception):
    """The command line itself is wrong; ``what`` happened and the ``remedy``."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class _Help(argparse.RawDescriptionHelpFormatter):
    """Options as ``-o, --output FILE`` on every Python; older ones repeat the FILE."""

    def __init__(self, prog: str, **given: Any) -> None:
        super().__init__(prog, max_help_position=28, **given)

    def add_argument(self, action: argparse.Action) -> None:
        """As it is, with room for the longest command: argparse forgets how far they are indented."""
        super().add_argument(action)
        for command in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(command)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, (action.dest or "").upper())
        return f"{', '.join(action.option_strings)} {value}"


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises ``WrongUse`` in place of leaving the process."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("formatter_class", _Help)
        if sys.version_info >= (3, 14):
            given.setdefault("color", False)
        super().__init__(allow_abbrev=False, **given)

    def error(self, message: str) -> NoReturn:
        what = message[:1].upper() + message[1:]
        raise WrongUse(f"{what}.".replace("..", "."), f"See: {self.prog} --help")


def make_parser(verbs: Sequence[Verb], version: str) -> argparse.ArgumentParser:
    """The parser of the whole command line.

    ``parse_args`` gives the arguments and ``chosen``: the verb asked for, after those that it is
    inside (empty when none was); ``parser`` is that verb's, for its help.
    """
    first = (
        "first film:",
        "  movie-director film examples/last_train.fountain -o build/last_train",
        "",
        FILMS,
    )
    parser = _Parser(
        prog="movie-director",
        usage="movie-director COMMAND ...",
        description=ABOUT,
        epilog="\n".join(first),
    )
    parser.add_argument("--version", action="version", version=f"movie-director {version}")
    parser.set_defaults(chosen=(), parser=parser)
    _add_all(parser, verbs, (), "commands")
    return parser


def _add_all(
    parser: argparse.ArgumentParser, verbs: Sequence[Verb], group: tuple[Verb, ...], title: str
) -> None:
    """Give ``parser`` the commands inside ``group``; what is chosen becomes ``chosen``."""
    commands = parser.add_subparsers(
        title=title, metavar="COMMAND", dest=f"part {len(group)}", parser_class=_Parser
    )
    for verb in verbs:
        path = (*group, verb)
        typed = " ".join(["movie-director", *(each.name for each in path)])
        sub = commands.add_parser(
            verb.name,
            prog=typed,
            usage=f"{typed} {verb.usage}",
            help=verb.summary,
            description=verb.about,
            epilog="\n".join(["examples:", *_examples(verb), "", FILMS]),
        )
        verb.arguments(sub)
        _everywhere(sub)
        sub.set_defaults(chosen=path, parser=sub)
        if verb.parts:
            _add_all(sub, verb.parts, path, "commands of it")


def _examples(verb: Verb) -> list[str]:
    return [line for command, what in verb.examples for line in (f"  {command}", f"      {what}")]


def _everywhere(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, results only")
    parser.add_argument(
        "--debug", action="store_true", help="show where in the program an error arose"
    )


def unknown_verb(argv: Sequence[str], verbs: Sequence[Verb]) -> WrongUse | None:
    """What is wrong with the command's name, with the one that was probably meant."""
    words = [word for word in argv if not word.startswith("-")]
    return _unknown(words, verbs, "") if words else None


def _unknown(words: Sequence[str], verbs: Sequence[Verb], group: str) -> WrongUse | None:
    by_name = {verb.name: verb for verb in verbs}
    typed = f"{group} {words[0]}".strip()
    verb = by_name.get(words[0])
    if verb is not None:
        # A group that runs by itself may have words of its own here: argparse judges those.
        inside = bool(verb.parts) and verb.run is None and len(words) > 1
        return _unknown(words[1:], verb.parts, typed) if inside else None
    near = difflib.get_close_matches(words[0], by_name, n=1)
    if near:
        meant = f"{group} {near[0]}".strip()
        return WrongUse(f"There is no command '{typed}'.", f"Did you mean '{meant}'?")
    return WrongUse(f"There is no command '{typed}'.", f"There are: {', '.join(by_name)}.")
