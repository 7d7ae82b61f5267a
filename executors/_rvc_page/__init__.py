# SPDX-License-Identifier: GPL-3.0-or-later
"""RVC's own web page, spoken to without its browser.

page    its functions by name: called, followed, and files taken from it
"""

from __future__ import annotations
