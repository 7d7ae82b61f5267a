# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a machine there is: its cores and its memory."""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["machine_cores", "machine_memory"]


def machine_cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_memory() -> int:
    """The machine's memory in bytes, from the operating system."""
    if sys.platform == "win32":
        return _windows_memory()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _windows_memory() -> int:
    """``ullTotalPhys`` of MEMORYSTATUSEX: a length and a load of 4 bytes, then 8-byte counts."""
    status = (ctypes.c_ulonglong * 8)()
    ctypes.cast(status, ctypes.POINTER(ctypes.c_ulong))[0] = ctypes.sizeof(status)
    ctypes.CDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status[1])
