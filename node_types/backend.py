# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend: where a shot's work may run, and how far it may be simplified."""

from __future__ import annotations

from ..core.node_type import NodeType, Param, Socket

NODE_TYPE = NodeType(
    label="Backend",
    doc="Where work may run, with which template, and whether something simpler will do.",
    category="Film",
    icon="SYSTEM",
    colour=(0.22, 0.22, 0.22),
    outputs=(Socket(name="backend", kind="backend"),),
    params=(
        Param(
            name="service",
            kind="choice",
            default="auto",
            doc="Who makes the picture; Automatic takes the best there is.",
            choices=(
                ("auto", "Automatic"),
                ("animatic", "Animatic (built in)"),
                ("comfyui", "ComfyUI"),
                ("wan2gp", "Wan2GP"),
            ),
        ),
        Param(
            name="template", kind="text", default="", doc="A workflow by name; empty chooses one."
        ),
        Param(
            name="quality",
            kind="choice",
            default="project",
            doc="For these shots, instead of the project's.",
            choices=(
                ("project", "As the project"),
                ("draft", "Draft"),
                ("standard", "Standard"),
                ("final", "Final"),
            ),
        ),
        Param(
            name="precision",
            kind="choice",
            default="auto",
            doc="Of the models' numbers: less takes less memory.",
            choices=(
                ("auto", "Automatic"),
                ("fp16", "fp16"),
                ("fp8", "fp8"),
                ("q8", "GGUF Q8"),
                ("q5", "GGUF Q5"),
                ("q4", "GGUF Q4"),
            ),
        ),
        Param(
            name="time_limit",
            kind="float",
            default=0.0,
            minimum=0,
            maximum=86400,
            unit="seconds",
            affects=False,
            doc="Give a step up after this long; 0 waits as long as it lives.",
        ),
        Param(
            name="allow_downgrade",
            kind="bool",
            default=True,
            doc="Take something simpler rather than nothing.",
        ),
    ),
)
