# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workflows do a piece of the film's work, and what each costs.

The planner chooses; nothing here asks a server.  What goes into the one chosen is in ``values``.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...core.conforming import CONFORMING
from ...core.executor import Want
from ...core.footprint import Footprints, Work
from ...core.footprints import known_footprints
from ...core.ladder import Need, climb_down, smaller_sizes
from ...core.step import (
    AMBIENCE,
    CLIP,
    INTERPOLATION,
    LORA_TRAINING,
    MUSIC,
    SOUND,
    STILL,
    UPSCALE,
    VIEW,
    Fidelity,
    Kind,
    ModelId,
    Option,
)
from ...core.workflow import QUALITIES, Precision, Workflow
from ...core.workflow_library import WorkflowLibrary
from ...core.workflow_values import best_length, best_size
from .inject import classes_of
from .looking import telling_unseen
from .parts import goes_on, in_precision, spans
from .station import Known
from .templates import base_prompt
from .tiers import in_tier
from .training_cost import TRAINING_BYTES, training_need

__all__ = [
    "KINDS",
    "MEDIA",
    "NAME",
    "Ways",
]

log = logging.getLogger(__name__)

NAME = "comfyui"
#: Kinds of work a workflow may do for each kind of step, and what must come out of it.
KINDS: Mapping[Kind, tuple[str, ...]] = {
    STILL: ("character_variation", "image_edit", "text_to_image"),
    VIEW: ("environment_angle",),
    CLIP: ("image_to_video", "text_to_video"),
    INTERPOLATION: ("interpolation",),
    UPSCALE: ("upscale_video",),
    SOUND: ("sound_effect",),
    AMBIENCE: ("sound_effect",),
    MUSIC: ("music",),
    LORA_TRAINING: ("lora_training",),
}
MEDIA: Mapping[Kind, tuple[str, ...]] = {
    STILL: ("image",), VIEW: ("image",), CLIP: ("video",), INTERPOLATION: ("video",), UPSCALE: ("video",), SOUND: ("audio",), AMBIENCE: ("audio",), MUSIC: ("audio",),
    LORA_TRAINING: ("model",),
}  # fmt: skip
#: Workflows of one kind that are offered beside each other, best first.
_MOST = 2
#: Seconds of work without any model, and of work nobody has a figure for.
_PLAIN_S, _UNKNOWN_S = 1.0, 60.0
#: Pixels that no side goes below: models make nothing sensible of less.
_LEAST = 256
#: Bytes that are as many: sizes of files of one architecture differ by less.
_AS_MUCH = 1.02
#: Offers kept: a film's shots have few lengths.
_REMEMBERED = 2000


class Ways:
    """The workflows of the library as ways to do steps.  Read when first asked for."""

    def __init__(self, library: WorkflowLibrary | None = None) -> None:
        self._library = library
        self._offered: dict[tuple[Any, ...], tuple[Option, ...]] = {}
        self._classes: dict[tuple[str, str], frozenset[str]] = {}

    @property
    def library(self) -> WorkflowLibrary:
        """All workflows there are."""
        if self._library is None:
            self._library = WorkflowLibrary.open()
            for problem in self._library.problems:
                log.warning("%s", problem)
        return self._library

    def offer(self, want: Want, there: tuple[Known, ...] = ()) -> tuple[Option, ...]:
        """The ways to do it, best first: those that a server ``there`` can load, where one can."""
        if want.kind not in KINDS:
            return ()
        backend = want.backend
        given = backend.get("quality", "project")
        quality = want.quality if given == "project" else given
        template, precision = backend.get("template", ""), _precision(backend)
        downgrade = bool(backend.get("allow_downgrade", True))
        size = (want.width, want.height, want.fps, want.seconds, want.tier)
        key = (
            want.kind, quality, *size, want.images, template, precision, downgrade, there
        )  # fmt: skip
        if key not in self._offered:
            if len(self._offered) > _REMEMBERED:
                self._offered.clear()
            workflows = tuple(self._workflows(want, quality, template, there))
            self._offered[key] = self._options(want, workflows, quality, precision, downgrade)
        return self._offered[key]

    def _options(
        self,
        want: Want,
        workflows: tuple[Workflow, ...],
        quality: str,
        precision: str,
        downgrade: bool,
    ) -> tuple[Option, ...]:
        footprints = known_footprints()
        known = tuple(self._workflows(want, quality, "", ()))  # whoever has their models
        found: list[Option] = []
        for workflow in workflows:
            onward = self.onward(workflow, want.seconds) if want.kind == CLIP else None
            ways = _priced(workflow, onward, want, footprints, precision, downgrade, quality)
            ways = in_tier(ways, workflow, want.tier, downgrade)
            found += telling_unseen(ways, workflow, want.images, known, downgrade=downgrade)
        return tuple(found)

    def onward(self, workflow: Workflow, seconds: float) -> Workflow | None:
        """What goes on from its clips in a shot of that length; None where one clip is enough."""
        onward = goes_on(self.library, workflow)
        return onward if len(spans(workflow, onward, seconds)) > 1 else None

    def classes(self, option: Option) -> frozenset[str]:
        """The node classes an option needs of a server.

        Raises:
            InputError, MissingLibrary: its workflow's base cannot be had.
        """
        key = (option.workflow, option.precision)
        if key not in self._classes:
            workflow = self.library[option.workflow]
            self._classes[key] = classes_of(workflow, base_prompt(workflow), option.precision)
        return self._classes[key]

    def files(self, option: Option) -> tuple[str, ...]:
        """The model files that an option needs, those of what goes on with it too."""
        workflow = self.library[option.workflow]
        asked = workflow.precision(option.precision)
        found = [model.file for model in asked.models] if asked else []
        onward = goes_on(self.library, workflow)
        if onward is not None:
            then = in_precision(onward, option.precision)
            own = {model.id for model in asked.models} if asked else set()
            planned = any(model.id in option.models - own for model in then.models)
            found += [model.file for model in then.models if planned]
        return tuple(dict.fromkeys(found))

    def affords(self, onward: Workflow, option: Option) -> bool:
        """Whether what goes on from clips takes no more memory than an option was planned with.

        A shot may turn out longer than it was planned, and need it then.
        """
        models = frozenset(model.id for model in in_precision(onward, option.precision).models)
        known = known_footprints()
        if models <= option.models or not models <= known.models.keys():
            return models <= option.models
        if not option.models:
            return True  # weights wait in the machine's memory, these too
        held, _ = known.swapped(models, Work(sampling_bytes=0, decoding_bytes=0), turns=True)
        planned = sum(known.bytes_of(id) for id in option.models if id in known.models)
        return sum(map(known.bytes_of, held)) <= planned * _AS_MUCH

    def unmade(self, known: Known) -> frozenset[Kind]:
        """Kinds of work for which such a server has the models of no workflow."""
        return frozenset(
            kind
            for kind, works in KINDS.items()
            if not any(
                workflow.executor == NAME and _loadable(workflow, known)
                for work in works
                for workflow in self.library.of_kind(work)
            )
        )

    def _workflows(
        self, want: Want, quality: str, template: str, there: Collection[Known]
    ) -> Iterator[Workflow]:
        if template:
            named = self.library.workflows.get(template)
            if named is not None and named.media in MEDIA[want.kind] and named.executor == NAME:
                yield named
            return
        # Trainings of several qualities differ only in what the step itself says.
        most = 1 if want.kind == LORA_TRAINING else _MOST
        for work in KINDS[want.kind]:
            of_tiers = work == "character_variation"
            if (of_tiers and not want.tier) or (want.tier and work == "image_edit"):
                continue
            ranked = self.library.ranked(work, quality, want.tier if of_tiers else "")
            loadable = [
                choice for choice in ranked if any(_loadable(choice.workflow, one) for one in there)
            ]
            offered: Counter[str] = Counter()
            for choice in loadable or ranked:
                offered[choice.workflow.tier] += 1
                # Each tier has its own: a server may have the weights of the simplest alone.
                if offered[choice.workflow.tier] <= most and choice.workflow.executor == NAME:
                    yield choice.workflow


def _loadable(workflow: Workflow, known: Known) -> bool:
    """Whether a server is new enough for one of its precisions and has the models."""
    return any(
        not workflow.too_new(each, known.version)
        and (known.files is None or all(model.file in known.files for model in each.models))
        for each in workflow.precisions
    )


def _precision(backend: Mapping[str, Any]) -> str:
    given = backend.get("precision", "auto")
    return "" if given == "auto" else str(given)


def _priced(
    workflow: Workflow,
    onward: Workflow | None,
    want: Want,
    footprints: Footprints,
    precision: str,
    downgrade: bool,
    quality: str,
) -> Iterator[Option]:
    """The workflow at each of its precisions and as the server makes it fit, with its costs."""
    below = QUALITIES.index(workflow.quality) < QUALITIES.index(quality)
    named = {_plain(each.name): each for each in workflow.precisions if each.models}
    if precision and named and precision not in named:
        return
    asked: tuple[Fidelity, str] | None = None
    for way in _laddered(workflow, onward, want, footprints, precision, named):
        # The first is what is asked for, and so is the same with models that take turns.
        asked = asked or (way.fidelity, way.precision)
        whole = (way.fidelity, way.precision) == asked
        lower = f"{workflow.quality} quality instead of {quality}" if below else ""
        yield replace(
            way,
            # Not what was asked for: never taken where the node forbids it, but spoken of.
            allowed=downgrade or (whole and not below),
            fidelity=min(way.fidelity, Fidelity.LOWER_QUALITY) if below else way.fidelity,
            note=", ".join(filter(None, (lower, way.note))),
        )


def _laddered(
    workflow: Workflow,
    onward: Workflow | None,
    want: Want,
    footprints: Footprints,
    precision: str,
    named: Mapping[str, Precision],
) -> Iterator[Option]:
    """The ways this workflow has by itself, what is asked of it first."""
    if not named:
        yield Option(executor=NAME, workflow=workflow.id, seconds=_PLAIN_S)
        return
    models = {name: _models(each, onward) for name, each in named.items()}
    family = _family(models, footprints)
    if not family:
        for name, each in named.items():
            yield Option(
                executor=NAME, workflow=workflow.id, precision=each.name, models=models[name],
                seconds=_UNKNOWN_S,
            )  # fmt: skip
        return
    trains = want.kind == LORA_TRAINING
    need = (
        training_need(workflow, family, models, precision)
        if trains
        else _need(workflow, onward, want, footprints, family, models, precision)
    )
    for rung in climb_down(need, footprints, each_precision=True):
        option = rung.option(NAME, workflow.id)
        exact = named[rung.precision].name
        seconds = option.seconds * _times(workflow, onward, want, footprints.families[family].kind)
        work_bytes = option.work_bytes + (TRAINING_BYTES if trains else 0)
        yield replace(option, precision=exact, seconds=seconds or _UNKNOWN_S, work_bytes=work_bytes)


def _times(workflow: Workflow, onward: Workflow | None, want: Want, made: str) -> int:
    """How often the work is done for a step: for each part, or each frame where it makes pictures."""
    if want.kind in CONFORMING and made == "image":
        return _frames(want)
    return len(spans(workflow, onward, want.seconds))


def _frames(want: Want) -> int:
    """Frames of the film that a wish is for."""
    return max(1, math.ceil(want.seconds * want.fps))


def _models(precision: Precision, onward: Workflow | None) -> frozenset[ModelId]:
    """The models of a precision, and of what goes on with it."""
    models = list(precision.models)
    if onward is not None:
        models += in_precision(onward, precision.name).models
    return frozenset(model.id for model in models)


def _need(
    workflow: Workflow,
    onward: Workflow | None,
    want: Want,
    footprints: Footprints,
    family: str,
    models: Mapping[str, frozenset[ModelId]],
    precision: str,
) -> Need:
    """What the footprints are asked: a server swaps models, tiles and streams by itself."""
    heard = workflow.media == "audio"
    width, height = best_size(workflow, want.width, want.height)
    frames, _ = best_length(workflow, want.seconds)
    if want.kind in CONFORMING and footprints.families[family].kind == "video":
        frames = _frames(want)
    return Need(
        family=family,
        precisions=models,
        asked=precision,
        width=0 if heard else width,
        height=0 if heard else height,
        frames=max(1, frames),
        steps=_default(workflow, "steps", 20),
        passes=1 if _default(workflow, "cfg", 1) <= 1 else 2,
        sound_seconds=want.seconds if heard else 0.0,
        swaps=True,
        last=frozenset(
            model.id for each in (onward or workflow).precisions for model in each.models
        ),
        sizes=() if heard else _smaller(workflow, width, height),
    )


def _smaller(workflow: Workflow, width: int, height: int) -> tuple[tuple[int, int], ...]:
    """Smaller pictures that the workflow can make; none where it is not told a size."""
    across, down = workflow.input("width"), workflow.input("height")
    if across is None or down is None:
        return ()
    least = max(across.minimum or 0, down.minimum or 0, _LEAST)
    multiple = max(across.step or 1, down.step or 1, 16)
    return smaller_sizes(width, height, multiple=round(multiple), least=round(least))


def _plain(precision: str) -> str:
    """A workflow's precision as the footprints call it."""
    return {"bf16": "fp16", "fp4": "nvfp4"}.get(precision, precision)


def _family(models: Mapping[str, frozenset[ModelId]], footprints: Footprints) -> str:
    """The family of the largest model, "" when one of them is not known."""
    everything = frozenset().union(*models.values())
    if not everything or not everything <= footprints.models.keys():
        return ""
    return footprints.models[max(everything, key=lambda id: (footprints.bytes_of(id), id))].family


def _default(workflow: Workflow, name: str, otherwise: int) -> int:
    given = workflow.input(name)
    value = given.default if given is not None else None
    return round(value) if isinstance(value, int | float) else otherwise
