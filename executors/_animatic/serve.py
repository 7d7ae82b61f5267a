# SPDX-License-Identifier: GPL-3.0-or-later
"""The animatic's helper process: reads jobs, does them, tells how far it is.

Run as a script by ``core.worker_process``.  It first puts its real output aside, so
that nothing printed by a library can get between the JSON lines, then finds the
package it is part of, whatever name that goes by in the parent.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Seconds between two progress lines: often enough that a dead parent is noticed soon.
PACE_S = 0.1


def _own_output() -> Any:
    """Our standard output for ourselves; what others print goes to standard error."""
    real = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return real


def _import_jobs() -> Any:
    """The ``jobs`` module beside this file, imported as part of the package."""
    given = os.environ.get("MOVIE_DIRECTOR_PATH", "")
    sys.path[:] = [*dict.fromkeys([*given.split(os.pathsep), *sys.path])]
    root = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location(
        "movie_director", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["movie_director"] = package
    spec.loader.exec_module(package)
    return importlib.import_module("movie_director.executors._animatic.jobs")


def _tidier() -> Callable[[], None]:
    """What gives a job's memory back once it is done.

    Files and encoders refer to each other and hold megabytes outside Python's sight: left
    to the collector they pile up.  The GNU C library then keeps what was freed in pieces;
    asked to, it hands it back.
    """
    trim = None
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none

    def tidy() -> None:
        gc.collect()
        if trim is not None:
            trim(0)

    return tidy


def _serve(jobs: Any, output: Any) -> None:
    def tell(**answer: Any) -> None:
        output.write(json.dumps(answer) + "\n")
        output.flush()

    tidy = _tidier()
    for line in sys.stdin.buffer:
        last = 0.0

        def report(fraction: float, note: str = "") -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= PACE_S:
                last = now
                tell(progress=round(min(1.0, max(0.0, fraction)), 4), note=note)

        try:
            tell(done=jobs.do(json.loads(line), report, lambda path: tell(preview=str(path))))
        except BrokenPipeError:
            return
        except Exception as error:  # the parent must hear of every failure, also of our bugs
            traceback.print_exc(file=sys.stderr)
            tell(error=jobs.error_as_json(error))
        tidy()


def main() -> None:
    """Serve until the input ends; a parent that died closes it."""
    output = _own_output()
    jobs = _import_jobs()
    try:
        _serve(jobs, output)
    except BrokenPipeError:
        # The parent has gone: nobody is left to tell.
        os._exit(0)


if __name__ == "__main__":
    main()
