# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures a still is made from: of whom, in what style, of which place.

A workflow looks at few of them.  Who is in it goes before how it looks, and that before where it is;
one picture of each goes before a second of any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compile.lowering import FileRef
    from .step import ArtifactRef

__all__ = ["ReferenceImage", "looked_at", "reference_images"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceImage:
    """One of them.  ``of`` says whom or what it shows, "Anna", "the place"; ``learned`` that a LoRA
    knows it as well."""

    file: FileRef | ArtifactRef
    of: str
    style: bool = False
    learned: bool = False


def reference_images(inputs: Mapping[str, Any]) -> tuple[ReferenceImage, ...]:
    """All pictures in a still's ``inputs``, those first that are to be left out last."""
    sets = [_of_figure(figure) for figure in inputs["figures"]]
    style, where = inputs["style"] or {}, inputs["environment"] or {}
    sets.append(
        [ReferenceImage(file=file, of="the style", style=True) for file in style.get("images", ())]
    )
    sets.append(
        [
            ReferenceImage(file=file, of=where.get("name") or "the place")
            for file in ([where["view"]] if "view" in where else where.get("images", ()))
        ]
    )
    return tuple(each for row in zip_longest(*sets) for each in row if each is not None)


def looked_at(images: Sequence[ReferenceImage], room: int) -> tuple[ReferenceImage, ...]:
    """Those that a workflow with ``room`` for so many looks at, in the order in which it is shown them.

    What is shown comes before the style.  A workflow that has room for one would take a picture
    of the style for what is to be seen: it gets none.
    """
    fitting = [each for each in images if room > 1 or not each.style][:room]
    return tuple(sorted(fitting, key=lambda each: each.style))


def _of_figure(figure: Mapping[str, Any]) -> list[ReferenceImage]:
    name, learned = figure["name"] or "somebody", bool(figure.get("lora"))
    return [ReferenceImage(file=file, of=name, learned=learned) for file in figure["images"]]
