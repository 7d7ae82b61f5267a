# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a shot's clip is brought to the film's rate and size by models, and the steps that do it.

Known from the tree alone: from the Shot, the Project, the quality and the Backend.  What a clip
lacks in the end is seen when it is there; one that lacks nothing is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Lowering
from ..core.conforming import CONFORMING
from ..core.step import INTERPOLATION, UPSCALE, ArtifactRef, Kind, Place, Priority

__all__ = ["PROJECTS_OWN", "WAYS", "conformed", "conforming_of"]

#: As a Project and a Shot call them; a Shot begins with the Project's.
WAYS = (
    ("auto", "For final films"), ("both", "Smooth motion and enlarge"), ("motion", "Smooth motion"),
    ("size", "Enlarge"), ("never", "As made"),
)  # fmt: skip
PROJECTS_OWN = ("project", "As the Project says")
_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "both": CONFORMING, "motion": (INTERPOLATION,), "size": (UPSCALE,), "never": (),
}  # fmt: skip
_WORDS = {INTERPOLATION: "smooth motion", UPSCALE: "enlarged"}


def conforming_of(
    low: Lowering, media: Any, backend: Mapping[str, Any], quality: str
) -> tuple[Kind, ...]:
    """The kinds of work by which the clip is conformed, in their order.

    None for what needs none: the user's own file (``media``), and what the animatic draws.
    """
    if media or backend.get("service", "auto") == "animatic":
        return ()
    chosen = low.params["conform"]
    chosen = low.film.conform if chosen == PROJECTS_OWN[0] else chosen
    if chosen == "auto":
        chosen = "both" if quality == "final" else "never"
    return _KINDS[chosen]


def conformed(
    low: Lowering,
    made: ArtifactRef,
    wish: Mapping[str, Any],
    kinds: tuple[Kind, ...],
    *,
    label: str,
    seconds: float,
    backend: Mapping[str, Any],
) -> ArtifactRef:
    """The clip once it is conformed, by whoever can: the last step fits it exactly."""
    shown = {name: value for name, value in wish.items() if name not in ("image", "conform")}
    clip = made
    for kind in kinds:
        clip = low.step(
            kind,
            {**shown, "clip": clip, "source": made, "last": kind == kinds[-1]},
            place=Place(scene=low.scene, shot=low.stem, stem=f"clip_{kind}", suffix=".mp4"),
            label=f"{label}: {_WORDS[kind]}",
            seconds=seconds,
            # Nobody forbids what has always been done: frames repeated where no model is.
            backend={name: backend[name] for name in ("quality",) if name in backend},
            priority=Priority.OTHER,
        )
    return clip
