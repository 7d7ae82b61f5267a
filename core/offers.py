# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ways offered for one wish come to: which of them count, and what is a stand-in.

Executors say what they can do, each for itself.  Here it is set against who is there.  Which way is
taken, ``candidates`` and the planner decide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .conforming import CONFORMING
from .executor import Want
from .likeness import LIKENESSES
from .step import CLIP, SPEECH, Fidelity, Option, Service

__all__ = ["AUTOMATIC", "weighed"]

#: What a Backend says that leaves the choice to us.
AUTOMATIC = "auto"


def weighed(
    want: Want, options: tuple[Option, ...], services: Collection[Service], built_in: str
) -> tuple[Option, ...]:
    """The options that count; ``services`` are those that are here, ``built_in`` is our executor.

    Automatic means the best there is: where no service here knows a better way, a stand-in
    is no stand-in; but a drawn still shows nobody's looks, whoever is there, and a service's clip
    judders unless it is conformed, where a service could.  Where the built-in voice is enough it says
    all lines: a plan that shares them out would give a character two voices.
    """
    if want.kind == SPEECH:
        own = tuple(each for each in options if each.executor == built_in)
        if any(each.fidelity.enough for each in own):
            return own
    if want.backend.get("service", AUTOMATIC) != AUTOMATIC or want.kind in LIKENESSES:
        return options
    there = [each for each in services if want.kind in each.capabilities]
    if want.kind in CONFORMING and any(CLIP in each.able for each in there):
        return options
    able = {service.executor for service in there}
    if any(each.fidelity > Fidelity.STAND_IN and each.executor in able for each in options):
        return options
    return tuple(replace(option, fidelity=Fidelity.FULL) for option in options)
