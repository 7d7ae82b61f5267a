# SPDX-License-Identifier: GPL-3.0-or-later
"""Helper processes with libraries of their own, lent to whoever has a job for one.

A process does one job at a time; giving a job up is killing it, which closes its connections at
once whatever the library thinks of that.  A job may also be left to go on, by whoever wants to know
when it ends.  What the jobs do is in ``*_jobs.py``.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...core.errors import ServiceLost, StepFailed
from ...core.executor import CancelFlag
from ...core.helper_environment import helper_python
from ...core.library_leases import hold
from ...core.worker_process import WorkerProcess

__all__ = ["Heard", "Helper", "Task"]

SCRIPT = Path(__file__).parent / "serve.py"
#: Hears how far a job is, as the job measures it, and what is being done.
Heard = Callable[[float, str], None]
#: How often the cancel flag is looked at, seconds.
_POLL_S = 0.1
#: As short as a queue can be looked into, seconds.
_NOW_S = 0.001
#: Seconds without a word after which a job is given up; jobs that wait longer say so.
STALL_S = 120.0


class Helper:
    """Idle processes wait in one SimpleQueue; a thread that takes one is its owner until it
    puts it back, so no process is ever spoken to by two.
    """

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[WorkerProcess] = queue.SimpleQueue()
        self._closed = False

    def do(
        self,
        job: str,
        arguments: Mapping[str, Any],
        heard: Heard,
        cancel: CancelFlag,
        *,
        stall_s: float = STALL_S,
    ) -> Mapping[str, Any] | None:
        """What ``job`` ("language.chat") gives; None when it was cancelled.

        ``arguments`` are JSON.  They may hold secrets: they go through a pipe, and are in no error.

        Raises:
            MissingLibrary: the libraries are not installed.
            ServiceLost: the process died, or said nothing for ``stall_s`` seconds.
            StepFailed: the job broke.
        """
        errand = self.begin(job, arguments)
        answer = errand.follow(heard, cancel, stall_s=stall_s)
        if answer is None:
            errand.end()
        return answer

    def begin(self, job: str, arguments: Mapping[str, Any]) -> Task:
        """Begin ``job`` and return at once; whoever has what comes back follows or ends it.

        Raises:
            MissingLibrary: the libraries are not installed.
            ServiceLost: the process died.
        """
        process = self._take()
        try:
            process.send({"job": job, "arguments": arguments})
        except BaseException:
            process.kill()
            process.close()
            raise
        return Task(process, job, self._give_back)

    def close(self) -> None:
        """End the processes that are idle; busy ones end when their job does."""
        self._closed = True
        while not self._idle.empty():
            self._idle.get().close()

    def _take(self) -> WorkerProcess:
        python = helper_python()
        hold(python)
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return WorkerProcess(SCRIPT, python=python)
            if process.alive:
                return process
            process.close()

    def _give_back(self, process: WorkerProcess) -> None:
        if self._closed:
            process.close()
        else:
            self._idle.put(process)


class Task:
    """A job under way, owned by one thread at a time; followed to its end, or ended."""

    def __init__(
        self, process: WorkerProcess, job: str, give_back: Callable[[WorkerProcess], None]
    ) -> None:
        self._process = process
        self._job = job
        self._give_back = give_back

    def follow(
        self, heard: Heard, cancel: CancelFlag, *, stall_s: float = STALL_S
    ) -> Mapping[str, Any] | None:
        """What the job gives; None when ``cancel`` was set, and then it goes on.

        Raises:
            ServiceLost: the process died, or said nothing for ``stall_s`` seconds.
            StepFailed: the job broke.
        """
        try:
            answer = self._last(heard, cancel, stall_s)
        except BaseException:
            self.end()
            raise
        return None if answer is None else self._given(answer)

    def within(self, seconds: float) -> Mapping[str, Any] | None:
        """What the job gives, once it ends or a word of it comes; None after ``seconds``.

        Nothing is waited for with 0.

        Raises:
            ServiceLost: the process died.
            StepFailed: the job broke.
        """
        try:
            answer = self._process.receive(max(seconds, _NOW_S))
        except BaseException:
            self.end()
            raise
        return None if answer is None or "progress" in answer else self._given(answer)

    def over(self) -> bool:
        """Whether the job has ended, however; never waits.  Not to be used after it has."""
        try:
            while (answer := self._process.receive(_NOW_S)) is not None:
                if "progress" not in answer:
                    self._give_back(self._process)
                    return True
        except ServiceLost:
            self.end()
            return True
        return False

    def end(self) -> None:
        """End it at once, whatever it does: its connections close.  Safe to call twice."""
        self._process.kill()
        self._process.close()

    def _given(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        self._give_back(self._process)
        if "error" in answer:
            broken = StepFailed(
                f"The helper process could not do its work ({answer['error']}).",
                remedy="Try again; if it happens every time, run with --debug and report it.",
            )
            broken.log = str(answer.get("trace", ""))
            raise broken
        done: Mapping[str, Any] = answer["done"]
        return done

    def _last(self, heard: Heard, cancel: CancelFlag, stall_s: float) -> Mapping[str, Any] | None:
        """The last answer; None when it was cancelled."""
        spoke = time.monotonic()
        while not cancel.is_set():
            answer = self._process.receive(_POLL_S)
            if answer is None:
                if time.monotonic() - spoke > stall_s:
                    raise _stalled(self._job, stall_s)
                continue
            spoke = time.monotonic()
            if "progress" not in answer:
                return answer
            heard(float(answer["progress"]), str(answer["note"]))
        return None


def _stalled(job: str, stall_s: float) -> ServiceLost:
    error = ServiceLost(
        f"The helper process said nothing for {stall_s:g} s while doing '{job}' and was ended.",
        remedy="Try again; if it happens every time, run with --debug and report it.",
    )
    error.silent = True
    return error
