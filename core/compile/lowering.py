# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node type's ``lower`` sees: its node, what feeds it, and how to ask for work.

A node's output carries a plain mapping (what is described) in which an
``ArtifactRef`` may stand where something still has to be made.  ``Lowering.step``
asks for one step; equal wishes become one step, whoever asks.  Which service
does it is not decided here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..digest import Digest, text_digest
from ..edit import frame_rate
from ..errors import MediaError, MovieDirectorError
from ..executor import Want
from ..graph import Node
from ..node_type import Catalogue
from ..note import Note
from ..reference_images import reference_images
from ..step import STILL, ArtifactRef, Kind, NodeId, Option, Place, Priority, Step, StepId

__all__ = ["Described", "FileRef", "FilmSettings", "Lowering", "Offer"]

#: What an output carries: JSON in which ArtifactRef and FileRef may stand.
Described = Mapping[str, Any]
#: The ways there are to do what is wanted; the executors' answers together.
Offer = Callable[[Want], tuple[Option, ...]]


#: Inputs that hold the user's own result.
_OWN = ("media", "recording")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A user's own file.  Its content counts in digests; where it lies does not."""

    path: Path
    content: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSettings:
    """What holds for the whole film: the Project's parameters and the Output's."""

    title: str = "Untitled"
    width: int = 1280
    height: int = 720
    fps: float = 24.0
    quality: str = "draft"
    conform: str = "auto"
    seed: int = 1
    output: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> Fraction:
        """Frames per second, exact."""
        return frame_rate(self.fps)


class Shop:
    """Where wishes become steps; one per compilation.

    Owns the steps made so far.  Steps of equal intent are one step, the first
    asked for; ``also`` gathers the other nodes.
    """

    def __init__(self, film: FilmSettings, offer: Offer) -> None:
        self.film = film
        self.steps: dict[StepId, Step] = {}
        self._offer = offer
        self.notes: list[Note] = []
        self._by_intent: dict[Digest, StepId] = {}
        self._found: list[ArtifactRef] = []
        self._encode = json.JSONEncoder(
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
            default=self._stand_for,
        ).encode

    def _stand_for(self, value: Any) -> Any:
        """How a reference is spelled in an intent: by what it stands for."""
        if isinstance(value, ArtifactRef):
            self._found.append(value)
            return {"made": self.steps[value.step].intent}
        if isinstance(value, FileRef):
            return {"file": value.content}
        if isinstance(value, Mapping):
            return dict(value)
        raise TypeError(f"{type(value).__name__} cannot be an input")

    def intent(self, kind: Kind, inputs: Mapping[str, Any]) -> tuple[Digest, frozenset[StepId]]:
        """The intent digest of a wish, and the steps it refers to."""
        self._found = []
        text = self._encode({"kind": kind, "inputs": inputs})
        return text_digest(text), frozenset(ref.step for ref in self._found)

    def add(
        self,
        id: StepId,
        node: NodeId,
        want: Want,
        inputs: Mapping[str, Any],
        *,
        label: str,
        place: Place,
        priority: Priority,
    ) -> ArtifactRef:
        """The step for a wish, made or found."""
        # The backend is who makes it, and whether that is enough: part of what is wanted
        # only in so far as the user names one.
        intent, after = self.intent(want.kind, {**inputs, "service": want.backend})
        twin = self._by_intent.get(intent)
        if twin is not None:
            first = self.steps[twin]
            if node != first.node and node not in first.also:
                self.steps[twin] = replace(first, also=(*first.also, node))
            return ArtifactRef(step=twin)
        free = id
        count = 2
        while free in self.steps:
            free, count = StepId(f"{id}_{count}"), count + 1
        self._by_intent[intent] = free
        self.steps[free] = Step(
            id=free,
            node=node,
            kind=want.kind,
            label=label,
            inputs=inputs,
            after=after,
            options=self._offer(want),
            priority=priority,
            order=len(self.steps),
            intent=intent,
            place=place,
        )
        return ArtifactRef(step=free)


class Lowering:
    """One node being lowered."""

    def __init__(
        self,
        path: str,
        node: Node,
        feeds: Mapping[str, tuple[Described, ...]],
        catalogue: Catalogue,
        shop: Shop,
        files: Callable[[str], FileRef],
    ) -> None:
        self.node = NodeId(path)
        self.params: dict[str, Any] = {**catalogue[node.type].defaults, **node.params}
        self.film = shop.film
        self._node = node
        self._declared = catalogue[node.type]
        self._feeds = feeds
        self._shop = shop
        self._files = files

    @property
    def scene(self) -> str:
        """The path of the group the node lies in: the folder of its results; "" at the top."""
        return self.node.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The node's id alone: the file stem of its results."""
        return self.node.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What the user wrote over the node; "" when nothing."""
        return self._node.label

    @property
    def name(self) -> str:
        """What people call the node: its label, else its ``name`` or ``title``, else its id."""
        return (
            self._node.label or self.params.get("name") or self.params.get("title") or self._node.id
        )

    def all(self, socket: str) -> tuple[Described, ...]:
        """What feeds an input, in link order."""
        return self._feeds.get(socket, ())

    def one(self, socket: str) -> Described | None:
        """What feeds a single input, or None when nothing is linked."""
        feeds = self._feeds.get(socket, ())
        return feeds[0] if feeds else None

    def described(self, *without: str) -> dict[str, Any]:
        """The parameters that change results, with the node's path as ``"node"``.

        Path parameters come as ``FileRef`` (None when empty).

        Raises:
            MediaError: a file named by a parameter is missing.
        """
        value: dict[str, Any] = {"node": self.node}
        for param in self._declared.params:
            if not param.affects or param.name in without:
                continue
            given = self.params[param.name]
            if param.kind == "path":
                value[param.name] = self.file(given) if given else None
            elif param.kind == "paths":
                value[param.name] = [self.file(path) for path in given]
            else:
                value[param.name] = given
        return value

    def file(self, path: str) -> FileRef:
        """A user's file, found relative to the project.

        Raises:
            MediaError: it is missing or cannot be read; names this node.
        """
        try:
            return self._files(path)
        except OSError as error:
            raise MediaError(
                f"The file '{path}' cannot be read ({error.strerror or error}).",
                remedy="Choose the file again, or clear the field.",
                where=self.node,
            ) from error
        except MovieDirectorError as error:
            error.where = error.where or self.node
            raise

    def recordings(self, folder: str) -> FileRef:
        """A user's folder of recordings, found relative to the project.

        Raises:
            MediaError: it is no folder, or holds no recordings; names this node.
        """
        return self.file(folder.rstrip("/\\") + "/")

    def note(self, what: str, *, remedy: str) -> None:
        """Tell of something that is not made as the node asks for it, and what would change that."""
        self._shop.notes.append(Note(where=self.node, what=what, remedy=remedy))

    def step(
        self,
        kind: Kind,
        inputs: Mapping[str, Any],
        *,
        place: Place,
        label: str,
        seconds: float,
        what: str = "",
        node: str = "",
        backend: Mapping[str, Any] | None = None,
        priority: Priority = Priority.OTHER,
    ) -> ArtifactRef:
        """Ask for one step and get what stands for its result.

        ``inputs`` must hold everything that changes the result, and nothing else:
        they are the cache key.  ``seconds`` estimates the result's length; ``node`` is
        whom the work belongs to when it is not this node; ``what`` is the end of
        the step's id when the kind says too little.
        """
        film = self.film
        owner = node or self.node
        want = Want(
            kind=kind,
            quality=film.quality,
            width=film.width,
            height=film.height,
            fps=film.fps,
            seconds=seconds,
            backend=backend or {},
            own=any(inputs.get(name) for name in _OWN),
            tier=inputs.get("tier", ""),
            images=reference_images(inputs) if kind == STILL else (),
        )
        return self._shop.add(
            StepId(f"{owner}:{what or kind}"),
            NodeId(owner),
            want,
            inputs,
            label=label,
            place=place,
            priority=priority,
        )


def default_lower(low: Lowering) -> Described:
    """What a definition node's outputs carry: its parameters and what is linked to it."""
    value = low.described()
    for socket in low._declared.inputs:
        value[socket.name] = list(low.all(socket.name)) if socket.multi else low.one(socket.name)
    return value


def lower_node(low: Lowering) -> Mapping[str, Described]:
    """What each output of the node carries."""
    declared = low._declared
    if declared.lower is not None:
        return declared.lower(low)
    value = default_lower(low)
    return {socket.name: value for socket in declared.outputs}


def film_settings(project: Described | None, output: Mapping[str, Any]) -> FilmSettings:
    """The settings of one film, from its Project (None: defaults) and Output parameters."""
    given = project or {}
    defaults = FilmSettings()
    width, height = given.get("size", (defaults.width, defaults.height))
    return FilmSettings(
        title=given.get("title") or defaults.title,
        width=width,
        height=height,
        fps=given.get("fps", defaults.fps),
        quality=given.get("quality", defaults.quality),
        conform=given.get("conform", defaults.conform),
        seed=given.get("seed", defaults.seed),
        output=output,
    )
