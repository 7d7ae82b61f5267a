# SPDX-License-Identifier: GPL-3.0-or-later
"""Leave the garbage collector out of work that makes many objects and drops none.

A film of 10,000 nodes becomes a million objects that all live on; the collector
would walk them again and again to find that out, and doubles the time it takes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """The cyclic collector rests inside; a decorator too.  Reference counting goes on."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
