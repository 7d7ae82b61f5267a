# SPDX-License-Identifier: GPL-3.0-or-later
"""A run from the command line: started, shown, stopped when asked, ended cleanly."""

from __future__ import annotations

import time
from collections.abc import Callable

from .. import api
from .progress import Progress
from .verb import DONE, FAILED, INTERRUPTED, Call

__all__ = ["exit_code", "follow", "tell_failures"]

#: Seconds between two looks at what the workers sent.
TICK_S = 0.02


def follow(call: Call, job: api.Job, *, started: Callable[[], None] = lambda: None) -> api.Result:
    """Run the job's plan to its end, or until interrupted; helpers are gone afterwards.

    ``started`` is called once the work is under way, for what can be done beside it.

    Raises:
        ProjectBusy: another evaluation holds the folder.
        StoreError: the folder cannot be written to.
        KeyboardInterrupt: it was interrupted twice.
    """
    run = job.run()
    progress = Progress(call.desk, job.plan)
    stopping = False
    try:
        run.start()
        call.interrupts.polite = True
        progress.show(run.drain(), None)
        started()
        while not run.done:
            if call.interrupts.asked and not stopping:
                stopping = True
                progress.line(
                    "Stopping. What is finished stays; press Ctrl-C again to leave at once."
                )
                run.cancel()
            changes = run.drain()
            progress.show(changes, run.progress.eta_s)
            if not changes:
                time.sleep(TICK_S)
        progress.show(run.drain(), None)
        return job.result(run)
    finally:
        call.interrupts.polite = False
        progress.close()
        run.close()


def tell_failures(call: Call, result: api.Result) -> None:
    """Every error of the run, each with its remedy, and how to go on."""
    for error in result.errors:
        call.desk.error(error)
    if result.cancelled:
        call.desk.note("Interrupted. The same command again goes on where it stopped.")
    elif result.errors:
        call.desk.note("What could be made is there. The same command again makes the rest.")


def exit_code(result: api.Result) -> int:
    """The exit code of a run."""
    if result.cancelled:
        return INTERRUPTED
    return DONE if result.ok else FAILED
