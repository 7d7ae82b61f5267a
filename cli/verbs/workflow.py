# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow``: everything about ComfyUI workflows; one file for each command."""

from __future__ import annotations

from ..verb import Verb
from . import (
    workflow_check,
    workflow_convert,
    workflow_import,
    workflow_list,
    workflow_render,
    workflow_show,
)

PARTS = (
    workflow_list.VERB,
    workflow_show.VERB,
    workflow_render.VERB,
    workflow_check.VERB,
    workflow_import.VERB,
    workflow_convert.VERB,
)

VERB = Verb(
    name="workflow",
    usage="COMMAND ...",
    summary="look at ComfyUI workflows, check, import and convert them",
    about="ComfyUI workflows: the recipes by which a ComfyUI server makes pictures, clips and sound.",
    examples=tuple(each.examples[0] for each in PARTS[:2]),
    parts=PARTS,
)
