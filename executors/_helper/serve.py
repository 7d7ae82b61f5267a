# SPDX-License-Identifier: GPL-3.0-or-later
"""A helper process with libraries of its own: reads jobs, does them, tells how far it is.

Run as a script by ``core.worker_process`` with the environment's Python, which has nothing of
ours: it imports the standard library and, by its path, the file that holds the job.  It
puts its real output aside first, so that nothing a library prints gets between the lines.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

#: Seconds between two progress lines.
PACE_S = 0.1

_PACKAGE = "movie_director_jobs"


def _own_output() -> Any:
    """Our standard output for ourselves; what others print goes to standard error."""
    real = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return real


def _end_with_parent() -> None:
    """End when our input does, in the middle of whatever a library waits for.

    A signal of the input's own does that, without a thread.  Windows has none: there the end is
    noticed when the job next says how far it is.
    """
    if sys.platform == "win32":  # pragma: no cover - runs on Windows alone
        return
    import fcntl
    import select
    import signal

    def look(*signalled: object) -> None:
        del signalled
        poll = select.poll()
        poll.register(0, 0)
        if poll.poll(0):  # nobody holds the other end any more
            os._exit(0)

    signal.signal(signal.SIGIO, look)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)


def _job(name: str) -> Callable[..., Any]:
    """The function behind "language.chat": ``chat`` in ``language_jobs.py``."""
    room, _, job = name.partition(".")
    if _PACKAGE not in sys.modules:
        # These files as a package of their own: that of ours, around them, is not there.
        package = types.ModuleType(_PACKAGE)
        package.__path__ = [str(Path(__file__).parent)]
        sys.modules[_PACKAGE] = package
    jobs: Mapping[str, Callable[..., Any]] = importlib.import_module(f"{_PACKAGE}.{room}_jobs").JOBS
    return jobs[job]


def _serve(output: Any) -> None:
    def tell(**answer: Any) -> None:
        output.write(json.dumps(answer) + "\n")
        output.flush()

    for line in sys.stdin.buffer:
        last = 0.0

        def report(fraction: float, note: str = "") -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= PACE_S:
                last = now
                try:
                    tell(progress=fraction, note=note)
                except BrokenPipeError:
                    os._exit(0)  # whatever a library would rather finish first

        try:
            request = json.loads(line)
            tell(done=_job(request["job"])(request["arguments"], report))
        except BrokenPipeError:
            return
        except Exception as error:  # the parent must hear of every failure, also of our bugs
            # The text of a library's error may repeat what it was given: only its kind is told.
            tell(
                error=type(error).__name__, trace="".join(traceback.format_tb(error.__traceback__))
            )


def main() -> None:
    """Serve until the input ends; a parent that died closes it."""
    output = _own_output()
    _end_with_parent()
    try:
        _serve(output)
    finally:
        # The parent has gone, or wants no more; a library's threads must not keep us.
        os._exit(0)


if __name__ == "__main__":
    main()
