# SPDX-License-Identifier: GPL-3.0-or-later
"""A project: what holds for the whole film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.node_type import NodeType, Param, Socket
from ._conform import WAYS

#: Width and height in pixels by resolution.
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}


def lower(low: Lowering) -> Mapping[str, Any]:
    """The settings, with ``size`` (width, height) in pixels, both even."""
    params = low.params
    size = SIZES.get(params["resolution"], (params["width"], params["height"]))
    even = tuple(side + side % 2 for side in size)
    return {"project": {**low.described("resolution", "width", "height"), "size": even}}


NODE_TYPE = NodeType(
    label="Project",
    doc="What holds for the whole film: its title, format, quality and limits.",
    category="Film",
    icon="SCENE_DATA",
    colour=(0.20, 0.20, 0.24),
    outputs=(Socket(name="project", kind="project", doc="Link it to the Output."),),
    lower=lower,
    params=(
        Param(name="title", kind="text", default="Untitled", doc="The film's title."),
        Param(
            name="logline",
            kind="lines",
            default="",
            doc="The film in one sentence.",
            affects=False,
        ),
        Param(
            name="resolution",
            kind="choice",
            default="720p",
            doc="Size of the picture.",
            choices=(
                ("720p", "720p"),
                ("1080p", "1080p"),
                ("4k", "4K"),
                ("custom", "Custom"),
            ),
        ),
        Param(
            name="width",
            kind="int",
            default=1280,
            minimum=64,
            maximum=8192,
            unit="pixels",
            doc="Width when the resolution is Custom.",
        ),
        Param(
            name="height",
            kind="int",
            default=720,
            minimum=64,
            maximum=8192,
            unit="pixels",
            doc="Height when the resolution is Custom.",
        ),
        Param(
            name="fps",
            kind="float",
            default=24.0,
            minimum=1,
            maximum=120,
            unit="frames per second",
            label="Frame rate",
            doc="Frames per second; 23.976 and 29.97 mean the exact NTSC rates.",
        ),
        Param(
            name="quality",
            kind="choice",
            default="draft",
            doc="How good the results should be, against how long they take.",
            choices=(("draft", "Draft"), ("standard", "Standard"), ("final", "Final")),
        ),
        Param(
            name="conform",
            kind="choice",
            default="auto",
            doc="How clips that have fewer frames or pixels than the film are brought to it: smooth "
            "motion makes the frames between, enlarge makes the pixels; as made repeats and scales.",
            choices=WAYS,
        ),
        Param(
            name="seed",
            kind="int",
            default=1,
            minimum=0,
            label="Base seed",
            doc="Every shot's own seed is made from it, unless the shot's is locked.",
        ),
        Param(
            name="vram_limit",
            kind="float",
            default=0.0,
            minimum=0,
            maximum=1024,
            unit="GiB",
            label="VRAM limit",
            affects=False,
            doc="Most memory to use on a GPU; 0 uses what there is.",
        ),
        Param(
            name="vram_margin",
            kind="float",
            default=5.0,
            minimum=0,
            maximum=90,
            unit="%",
            label="VRAM margin",
            affects=False,
            doc="Share of a GPU's memory that stays free, at least 512 MiB: estimates are not exact.",
        ),
        Param(
            name="storage_limit",
            kind="float",
            default=50.0,
            minimum=0,
            maximum=100000,
            unit="GiB",
            affects=False,
            doc="Most the results may take: warned of from nine tenths on, and kept; 0 sets no limit.",
        ),
        Param(
            name="output_folder",
            kind="folder",
            default="",
            affects=False,
            doc="Where results go; empty means a folder beside the .blend, named like it.",
        ),
    ),
)
