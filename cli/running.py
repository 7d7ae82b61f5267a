# SPDX-License-Identifier: GPL-3.0-or-later
"""A run from the command line: started, shown, stopped when asked, ended cleanly."""

from __future__ import annotations

from collections.abc import Callable

from .. import api
from ..core.downgrades import downgrades
from .desk import Desk
from .progress import Progress
from .verb import DONE, FAILED, INTERRUPTED, Call

__all__ = ["exit_code", "follow", "tell_failures", "warn_of_room"]

#: Seconds until the bars and Ctrl-C are looked at again when the workers say nothing.
TICK_S = 0.05
#: Nodes that are named when many failed in the same way.
_NAMED = 3


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
        progress.show(run.drain(), run.progress, run.allocation)
        for given_up in downgrades(job.plan):
            progress.line(given_up.words)
        started()
        while not run.done:
            if call.interrupts.asked and not stopping:
                stopping = True
                progress.line(
                    "Stopping. What is finished stays; press Ctrl-C again to leave at once."
                )
                run.cancel()
            progress.show(run.drain(), run.progress, run.allocation)
            run.wait(TICK_S)
        progress.show(run.drain(), run.progress, run.allocation)
        return job.result(run)
    finally:
        call.interrupts.polite = False
        progress.close()
        run.close()


def tell_failures(call: Call, result: api.Result) -> None:
    """What went wrong, equal errors once, each with its remedy; whose voice drifts; how to go on."""
    alike: dict[tuple[str, str], list[str]] = {}
    for error in result.errors:
        alike.setdefault((error.what, error.remedy), []).append(error.where)
    for (what, remedy), places in alike.items():
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        where = ", ".join(place for place in places[:_NAMED] if place)
        call.desk.complain(f"{where}{more}: {what}" if where else what, remedy)
    for remark in (*result.drift, *result.notes):
        call.desk.note(str(remark))
    if result.cancelled:
        call.desk.note("Interrupted. The same command again goes on where it stopped.")
    elif result.errors:
        call.desk.note("What could be made is there. The same command again makes the rest.")


def warn_of_room(desk: Desk, job: api.Job) -> None:
    """Say when there is little room for what the plan would make."""
    warning = job.store.usage().warning if job.plan.to_do else ""
    if warning:
        desk.note(warning)


def exit_code(result: api.Result) -> int:
    """The exit code of a run."""
    if result.cancelled:
        return INTERRUPTED
    return DONE if result.ok else FAILED
