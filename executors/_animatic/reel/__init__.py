# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips and sound become one film file.

The one idea: a clip made with our own encoder setting is copied packet by packet, and
only frames that no clip holds as such (dissolves, fades, black, someone else's footage)
are decoded and encoded.  What stands where is decided in ``core.cut``.
"""

from .assemble import ReelFacts, assemble

__all__ = ["ReelFacts", "assemble"]
