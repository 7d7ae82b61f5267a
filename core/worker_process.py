# SPDX-License-Identifier: GPL-3.0-or-later
"""A child process that does one piece of work at a time, spoken to in JSON lines.

The child gets one request a line on its standard input and answers with any
number of lines, the last of which has ``"done"`` or ``"error"``.  It lives as long
as its parent: it ends when its input ends, and killing it is always safe.  What
the child does is not known here.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .errors import ServiceError, ServiceLost

__all__ = ["WorkerProcess"]

log = logging.getLogger(__name__)

#: Name of the environment variable that hands our import path to the child.
PATH_VARIABLE = "MOVIE_DIRECTOR_PATH"
#: From this size on the GNU C library gives an array pages of its own, which go back when it
#: does.  Left to itself it raises the size as it goes, and a long film's arrays leave holes:
#: a third less stays behind so.  Other C libraries do not read it.
OWN_PAGES_BYTES = 512 * 1024

#: What keeps libraries of another environment from speaking to anybody by themselves.
QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "PYTHONNOUSERSITE": "1",
}
#: What a person says of such a library that is theirs to say: which keyring is to be used.
CHOSEN = frozenset({"PYTHON_KEYRING_BACKEND"})


class WorkerProcess:
    """Owns one child process and the thread that reads it.

    Everything is called by the owner; the reading thread (``md-read``) shares one
    SimpleQueue with it and nothing else, so there is no lock to order.
    """

    def __init__(
        self, script: Path, arguments: Sequence[str] = (), *, python: Path | None = None
    ) -> None:
        """``python`` is another interpreter, which is told nothing of ours; by default our own."""
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as we do
        self._answers: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        try:
            self._child = self._started(script, arguments, python)
        except OSError as error:
            self._complaints.close()
            raise ServiceError(
                f"The helper process could not be started ({error.strerror or error}).",
                remedy=f"Check that {python or sys.executable} can be run, and that there is memory left.",
            ) from error
        self._reader = threading.Thread(target=self._read, name="md-read", daemon=True)
        self._reader.start()

    def _started(
        self, script: Path, arguments: Sequence[str], python: Path | None
    ) -> subprocess.Popen[bytes]:
        environment = {"MALLOC_MMAP_THRESHOLD_": str(OWN_PAGES_BYTES), **os.environ}
        if python is None:
            environment[PATH_VARIABLE] = os.pathsep.join(filter(None, sys.path))
        else:
            environment = _without_ours(environment)
        return subprocess.Popen(
            # -P: the script's own folder must not shadow the standard library.
            [str(python or sys.executable), "-X", "utf8", "-P", str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=environment,
            # 0 everywhere but on Windows, where it keeps a console window from opening.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    def send(self, request: Mapping[str, Any]) -> None:
        """Give the child one piece of work.

        Raises:
            ServiceLost: it is gone.
        """
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except (OSError, ValueError) as error:
            raise self.lost() from error

    def receive(self, timeout: float) -> Mapping[str, Any] | None:
        """The child's next line, or None when none came within ``timeout`` seconds.

        Raises:
            ServiceLost: it ended.
        """
        try:
            answer = self._answers.get(timeout=timeout)
        except queue.Empty:
            return None
        if answer is None:
            self._answers.put(None)  # whoever asks next learns it too
            raise self.lost()
        return answer

    def lost(self) -> ServiceLost:
        """What to say when the child has gone, with the last it complained about."""
        self._child.wait(timeout=5)
        self._complaints.seek(0)
        last = self._complaints.read()[-2000:].decode("utf-8", "replace").strip()
        if last:
            log.error("helper process %s ended: %s", self._child.pid, last)
        said = f": {last.splitlines()[-1]}" if last else ""
        return ServiceLost(
            f"The helper process ended with code {self._child.returncode}{said}.",
            remedy="Evaluate again; if it happens every time, run with --debug and report it.",
        )

    def close(self, timeout: float = 2.0) -> None:
        """End the child: ask by closing its input, then kill.  Safe to call twice."""
        if self._child.stdin is not None and not self._child.stdin.closed:
            try:
                self._child.stdin.close()
            except OSError:
                log.debug("the helper process had closed its input already")
        try:
            self._child.wait(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join(timeout=2.0)
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._complaints.close()

    def kill(self) -> None:
        """End the child at once."""
        self._child.kill()
        self._child.wait(timeout=5)

    def _read(self) -> None:
        """Reading thread: every line of the child's output, then None."""
        assert self._child.stdout is not None
        for line in self._child.stdout:
            try:
                self._answers.put(json.loads(line))
            except ValueError:
                log.warning("the helper process wrote a line that is not JSON: %.200r", line)
        self._answers.put(None)


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for another interpreter: no import paths of this one, no word of its users.

    Libraries are told to keep to themselves: no telemetry, no tokens from elsewhere.
    """
    private = (
        "PYTHON",
        "HF_",
        "HUGGING_FACE_",
        "OPENAI_",
        "LITELLM_",
        "GRADIO_",
        "MOVIE_DIRECTOR_",
    )
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(private) or name in CHOSEN
    }
    return {**kept, **QUIET}
