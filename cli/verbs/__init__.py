# SPDX-License-Identifier: GPL-3.0-or-later
"""One file for each command; each declares ``VERB``.  This is their order in the help."""

from __future__ import annotations

from ..verb import Verb
from . import (
    build,
    clean,
    doctor,
    estimates,
    evaluate,
    export,
    film,
    graph,
    plan,
    script,
    services,
    workflow,
    write,
)

__all__ = ["VERBS"]

VERBS: tuple[Verb, ...] = (
    film.VERB,
    build.VERB,
    graph.VERB,
    plan.VERB,
    evaluate.VERB,
    script.VERB,
    write.VERB,
    export.VERB,
    clean.VERB,
    workflow.VERB,
    doctor.VERB,
    services.VERB,
    estimates.VERB,
)
