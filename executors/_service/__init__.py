# SPDX-License-Identifier: GPL-3.0-or-later
"""What executors of servers share: one errand at a service, from the ticket to the finished file.

served   an executor whose services are found at addresses
bearing  answers that cannot be used, borne for a while
errand   one ticket being carried out at one of them
letter   what is kept of an errand in its folder, to take it up after a crash
media    what a file is by its first bytes
finish   a service's file brought into the film's form
"""

from __future__ import annotations

from .bearing import Bearing
from .errand import Errand, Made
from .media import SOUND_SUFFIXES, sound_kind
from .served import Found, Served

__all__ = ["SOUND_SUFFIXES", "Bearing", "Errand", "Found", "Made", "Served", "sound_kind"]
