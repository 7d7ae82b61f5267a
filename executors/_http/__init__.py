# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP for every executor: the only room that opens connections to services by it.

client    questions and answers of one service, with patience
sockets   every wait hears the cancel flag and the clock
body      answers taken in only as far as was agreed
faults    what goes wrong, as errors of ours
download  files, by way of a quarantine
"""

from __future__ import annotations

from .body import Limits
from .client import Answer, Ask, Http
from .download import Fetched, Form, fetch, send, served_name
from .sockets import Stopped, knock

__all__ = [
    "Answer",
    "Ask",
    "Fetched",
    "Form",
    "Http",
    "Limits",
    "Stopped",
    "fetch",
    "knock",
    "send",
    "served_name",
]
