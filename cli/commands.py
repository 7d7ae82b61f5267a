# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's programs, run one after another or left running; never through a shell."""

from __future__ import annotations

import codecs
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol

__all__ = ["Commands", "RealCommands", "shown"]


#: Seconds for a command to answer, and for one to end by itself when it is asked to.
_ANSWER_S, _END_S = 30.0, 5.0
#: Seconds for a connection on this machine.
_CONNECT_S = 1.0
_CHUNK = 64 * 1024


class Commands(Protocol):
    """What can be done with commands; tests have one that only notes them."""

    def find(self, name: str) -> str | None:
        """Where a program is; None where there is none."""
        ...

    def answers(self, words: Sequence[str]) -> bool:
        """Whether it runs and ends well, seen by nobody."""
        ...

    def listens(self, address: str) -> bool:
        """Whether something takes connections at ``HOST:PORT`` already."""
        ...

    def run(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """Run to its end, its words seen by whoever watches and kept in ``log``; its exit code."""
        ...

    def start(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """Leave it running beyond our own end, its words in ``log``; the process's number."""
        ...


class RealCommands:
    """Those of this machine."""

    def find(self, name: str) -> str | None:
        """Where the shell would find it."""
        return shutil.which(name)

    def answers(self, words: Sequence[str]) -> bool:
        """One that says nothing for half a minute does not."""
        try:
            ended = subprocess.run(
                list(words),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_ANSWER_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ended.returncode == 0

    def listens(self, address: str) -> bool:
        """Asked of this machine alone: the addresses are loopback ones."""
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _CONNECT_S).close()
        except OSError:
            return False
        return True

    def run(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """Its output goes to our errors' stream: our own is for results.  It ends when we do."""
        with log.open("ab") as kept:
            kept.write(f"\n$ {shlex.join(words)}\n".encode())
            process = subprocess.Popen(
                list(words), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            try:
                _pass_on(process, kept)
                return process.wait()
            except BaseException:
                _end(process)
                raise

    def start(self, words: Sequence[str], folder: Path, log: Path) -> int:
        """In a session of its own, so that closing this window does not end it."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(words),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
                | getattr(subprocess, "DETACHED_PROCESS", 0),
            )
        process.returncode = 0  # it is not ours to wait for
        return process.pid


def _pass_on(process: subprocess.Popen[bytes], kept: IO[bytes]) -> None:
    """Show and keep what it says, as it says it: a question has no end of line."""
    assert process.stdout is not None, "it was started with a pipe"
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with process.stdout as said:
        while chunk := os.read(said.fileno(), _CHUNK):
            kept.write(chunk)
            kept.flush()
            sys.stderr.write(decoder.decode(chunk))
            sys.stderr.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end it where it does not."""
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def shown(words: Sequence[str], system: str) -> str:
    """The command as one would type it on that system."""
    return subprocess.list2cmdline(words) if system == "windows" else shlex.join(words)
