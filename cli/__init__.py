# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: the same verbs without a window.

``main`` is what ``movie-director``, ``python -m movie_director`` and
``blender -c movie_director`` call.  Every error leaves here as one sentence, its
remedy and an exit code; a traceback is shown on request only.
"""

from __future__ import annotations

import datetime
import io
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from .. import __version__
from ..core.errors import InputError, MovieDirectorError, ProjectBusy, StorageFull, StoreError
from .desk import Desk
from .interrupt import Interrupts
from .opening import own_command
from .outcome import outcome
from .own_output import own_output
from .parser import WrongUse, make_parser, unknown_verb
from .verb import DONE, FAILED, INTERRUPTED, PROJECT_BUSY, WRONG_USE, Call, Verb
from .verbs import VERBS

__all__ = ["main"]

REPORT_TO = "the project's issue tracker"


def main(argv: Sequence[str] | None = None, *, program: str = "") -> int:
    """Run one command: 0 done, 1 failed, 2 wrong use or bad input, 3 busy, 130 interrupted.

    ``argv`` are the words after the command's name; by default the process's own.
    ``program`` is what one types to run it; by default found out.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _speak_unicode()
    try:
        with own_output(show="--debug" in words) as out:
            return _checked(words, Desk(out, sys.stderr, program=program or own_command()))
    except BrokenPipeError:
        return FAILED  # whoever read our output has gone


def _checked(words: list[str], desk: Desk) -> int:
    try:
        return _run(words, desk)
    except KeyboardInterrupt:
        desk.note("Interrupted.")
        return INTERRUPTED
    except WrongUse as wrong:
        desk.complain(wrong.what, wrong.remedy)
        return WRONG_USE
    except MovieDirectorError as error:
        if "--debug" in words:
            traceback.print_exception(error, file=desk.err)
        desk.error(error)
        desk.data(outcome(None, files={}, state="failed", errors=[error]))
        return _code(error)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _own_fault(error, words, desk)


def _run(words: list[str], desk: Desk) -> int:
    wrong = unknown_verb(words, VERBS)
    if wrong is not None:
        raise wrong
    parser = make_parser(VERBS, __version__)
    try:
        with redirect_stdout(desk.out):
            args = parser.parse_args(words)
    except SystemExit as left:  # after --help and --version
        return DONE if left.code in (None, 0) else WRONG_USE
    verb: Verb | None = args.chosen[-1] if args.chosen else None
    if verb is None or verb.run is None:
        args.parser.print_help(desk.err)
        return WRONG_USE
    _listen(desk, args.debug)
    desk.json = getattr(args, "json", False)
    desk.quiet = args.quiet
    with Interrupts() as interrupts:
        return verb.run(Call(args=args, desk=desk, interrupts=interrupts))


def _listen(desk: Desk, debug: bool) -> None:
    """What the package logs: shown with ``--debug``, else kept out of the way of the bars."""
    ours = logging.getLogger(__name__.rpartition(".")[0])
    ours.handlers = [logging.StreamHandler(desk.err) if debug else logging.NullHandler()]
    ours.setLevel(logging.DEBUG if debug else logging.WARNING)
    ours.propagate = False


def _code(error: MovieDirectorError) -> int:
    if isinstance(error, ProjectBusy):
        return PROJECT_BUSY
    if isinstance(error, InputError):
        return WRONG_USE
    if isinstance(error, StoreError) and not isinstance(error, StorageFull):
        return WRONG_USE
    return FAILED


def _own_fault(error: Exception, words: list[str], desk: Desk) -> int:
    """A bug of ours: keep its trace in a file, say where to send it."""
    trace = "".join(traceback.format_exception(error))
    if "--debug" in words:
        desk.err.write(trace)
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    log = Path(tempfile.gettempdir()) / f"movie-director-{stamp}-{os.getpid()}.log"
    said = f"movie-director {__version__}, Python {sys.version}\n{words}\n\n{trace}"
    try:
        log.write_text(said, encoding="utf-8")
        kept = f"Please report it to {REPORT_TO}, with the file {log}"
    except OSError:
        kept = f"Run it again with --debug and report what it says to {REPORT_TO}"
    desk.complain(f"This is a fault of Movie Director itself: {error!r:.200}.", kept)
    return FAILED


def _speak_unicode() -> None:
    """Names of any alphabet may be said, whatever the locale; unknown letters become '?'."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
