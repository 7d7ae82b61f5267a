# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output for ourselves: what libraries print there goes elsewhere.

Blender's module and codecs write remarks straight to the process's standard output,
where they would get between the lines of a JSON result.  While this holds, such
remarks are dropped, or shown on standard error when somebody is looking for a fault.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

__all__ = ["own_output"]

_STDOUT, _STDERR = 1, 2


@contextmanager
def own_output(*, show: bool = False) -> Iterator[TextIO]:
    """A stream to the real standard output; ``show`` what others print, on standard error.

    Where standard output is no file of the process (in a test, in a notebook), it is
    given back as it is.
    """
    if not _is_real(sys.stdout):
        yield sys.stdout
        return
    sys.stdout.flush()
    real = os.dup(_STDOUT)
    elsewhere = os.dup(_STDERR) if show else os.open(os.devnull, os.O_WRONLY)
    os.dup2(elsewhere, _STDOUT)
    os.close(elsewhere)
    given = sys.stdout
    stream = os.fdopen(os.dup(real), "w", encoding=given.encoding, errors="replace", newline=None)
    try:
        yield stream
        stream.flush()
    finally:
        _flush_c()
        os.dup2(real, _STDOUT)
        os.close(real)
        _close(stream)


def _is_real(stream: TextIO) -> bool:
    try:
        return stream.fileno() == _STDOUT
    except (OSError, ValueError, AttributeError):
        return False


def _flush_c() -> None:
    """Empty the C library's buffers while they still lead elsewhere."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.fflush(None)


def _close(stream: io.TextIOWrapper) -> None:
    """Close it, also when nobody reads what is left in it."""
    try:
        stream.close()
    except BrokenPipeError:
        # The descriptor is closed all the same; who read has gone, and was told of once.
        return
