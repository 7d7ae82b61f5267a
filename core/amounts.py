# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes as people read them: one spelling for plans, warnings and errors.

How people write amounts on a command line is the command line's business.
"""

from __future__ import annotations

__all__ = ["amount"]


def amount(size: int) -> str:
    """``size`` bytes as ``400 MiB`` or ``1.5 GiB``; what is not nothing is never said to be 0."""
    if 0 < size < 2**10:
        return "1 byte" if size == 1 else f"{size} bytes"
    if size < 2**20:
        return f"{size / 2**10:.0f} KiB"
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"
