# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director workflow``: everything about ComfyUI workflows; one file for each command."""

from __future__ import annotations

from ..verb import Verb
from . import workflow_convert

VERB = Verb(
    name="workflow",
    usage="COMMAND ...",
    summary="look at ComfyUI workflows, check and convert them",
    about="ComfyUI workflows: the recipes by which a ComfyUI server makes pictures, clips and sound.",
    examples=workflow_convert.VERB.examples[:1],
    parts=(workflow_convert.VERB,),
)
