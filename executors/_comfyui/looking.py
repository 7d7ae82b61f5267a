# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a still's pictures a workflow looks at, and what a way says of those it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...core.reference_images import ReferenceImage, looked_at
from ...core.step import Fidelity, Option
from ...core.workflow import Workflow

__all__ = ["PICTURES", "picture_inputs", "seen", "telling_unseen", "unseen"]

#: The inputs of a still's workflow that take pictures, the first the most heeded.
PICTURES = ("image", "reference_1", "reference_2", "reference_3")


def picture_inputs(workflow: Workflow) -> tuple[str, ...]:
    """Those of them that it has."""
    return tuple(name for name in PICTURES if workflow.input(name))


def seen(workflow: Workflow, images: Sequence[ReferenceImage]) -> tuple[ReferenceImage, ...]:
    """The pictures it looks at, as its inputs take them."""
    return looked_at(images, len(picture_inputs(workflow)))


def unseen(workflow: Workflow, images: Sequence[ReferenceImage]) -> tuple[str, ...]:
    """Who and what it knows neither from a picture nor from a LoRA, though there are pictures."""
    loras = workflow.input("loras")
    learned = loras is not None and loras.required
    known = {each.of for each in seen(workflow, images)}
    known.update(each.of for each in images if learned and each.learned)
    return tuple(dict.fromkeys(each.of for each in images if each.of not in known))


def telling_unseen(
    ways: Iterable[Option],
    workflow: Workflow,
    images: Sequence[ReferenceImage],
    rivals: Iterable[Workflow],
    *,
    downgrade: bool,
) -> Iterator[Option]:
    """The ways, told whose pictures they leave out; less than asked for where a rival shows more.

    ``rivals`` are the best workflows there are: those of its own kind and tier are compared.
    """
    without = unseen(workflow, images)
    if not without:
        yield from ways
        return
    alike = [each for each in rivals if (each.kind, each.tier) == (workflow.kind, workflow.tier)]
    fewer = any(len(unseen(each, images)) < len(without) for each in alike)
    note = f"without the pictures of {' and '.join(without)}"
    for way in ways:
        yield replace(
            way,
            allowed=way.allowed and (downgrade or not fewer),
            fidelity=min(way.fidelity, Fidelity.LOWER_TIER) if fewer else way.fidelity,
            note=", ".join(filter(None, (note, way.note))),
        )
