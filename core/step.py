# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract between the rooms: what the compiler, planner, schedule and executors exchange.

    Step      one unit of work, with the ways it can be done
    Option    one way
    Device    one pool of memory · Service  one running server on a device
    Placed    a step with the option and the service chosen for it
    Stage     placed steps that share resident models
    Artifact  a produced file with its facts

All are frozen.  A value that is not known yet has another type, never None:
wanted is a ``Step``, chosen is a ``Placed``, made is an ``Artifact``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, Literal, NewType

from .digest import Digest

__all__ = [
    "AMBIENCE", "CLIP", "CUT", "FILM", "INTERPOLATION", "LORA_TRAINING", "MIX", "MUSIC", "OTIO", "SOUND", "SPEECH", "STORYBOARD",
    "SUBTITLES", "TEXT", "Artifact", "ArtifactRef", "Device", "DeviceId", "Fidelity", "Kind", "ModelId",
    "NodeId", "Option", "Place", "Placed", "Priority", "STILL", "Service", "ServiceId", "Stage", "Step",
    "StepId", "UPSCALE", "VIEW", "VOICE_CONVERSION", "VOICE_TRAINING", "references",
]  # fmt: skip

NodeId = NewType("NodeId", str)  #: path of a node in its graph, "scene_01/shot_010"
StepId = NewType("StepId", str)  #: node path, ":" and what is made, "scene_01/shot_010:clip"
ModelId = NewType("ModelId", str)
DeviceId = NewType("DeviceId", str)
ServiceId = NewType("ServiceId", str)
Kind = NewType("Kind", str)  #: the kind of work; node types may name kinds not listed here

SPEECH = Kind("speech")  #: one spoken line → wav; facts: seconds, marks, words
VOICE_CONVERSION = Kind(
    "voice_conversion"
)  #: a spoken line in another voice → wav; facts as SPEECH
VOICE_TRAINING = Kind(
    "voice_training"
)  #: a voice learned from recordings → zip of model and index; facts: trained, voice
LORA_TRAINING = Kind(
    "lora_training"
)  #: a character's looks learned from pictures → safetensors; facts: trained, lora
SOUND = Kind("sound")  #: one sound effect → wav; facts: seconds
AMBIENCE = Kind("ambience")  #: a scene's background → wav; facts: seconds
MUSIC = Kind("music")  #: a piece of score → wav; facts: seconds
STILL = Kind("still")  #: the picture a shot begins with → png; facts: width, height
VIEW = Kind("view")  #: a place seen from another angle → png; facts: width, height
CLIP = Kind("clip")  #: one shot's picture → mp4; facts: frames, fps, width, height, as_made
INTERPOLATION = Kind("interpolation")  #: a clip with the frames that smooth motion lacks → mp4
UPSCALE = Kind("upscale")  #: a clip at the film's size → mp4; facts of both as CLIP
CUT = Kind("cut")  #: where everything lies in the film → json (``core.edit.Edit``)
MIX = Kind("mix")  #: all sound of the film → wav; facts: seconds, lufs, true_peak
FILM = Kind("film")  #: the finished film → mp4
OTIO = Kind("otio")  #: the cut as OpenTimelineIO
SUBTITLES = Kind("subtitles")  #: the dialogue as SubRip
STORYBOARD = Kind("storyboard")  #: panels for a client → pdf
TEXT = Kind("text")  #: a language model's answer → json (``text``, ``value``); facts: model, why


class Fidelity(IntEnum):
    """What an option gives, against what was asked: the rungs one may go down.

    Down to ``OFFLOADED`` it is the picture that was asked for, made with less memory.
    Below, it is something else in its place: kept and shown, while its step stays dirty.
    """

    STAND_IN = 0  #: an animatic where a generated picture was asked
    WORDS = 5  #: somebody's looks from words alone, where pictures of them were given
    LOWEST_TIER = 8  #: the simplest way of keeping a character's looks, two below what was asked
    LOWER_TIER = 10  #: a simpler way of keeping them, or of keeping to other pictures
    LOWER_QUALITY = 15  #: they are kept, by a way that is meant for a lower quality
    SMALLER = 20  #: fewer pixels, enlarged
    OFFLOADED = 30  #: in tiles, or with weights waiting in the machine's memory
    Q4 = 40
    Q5 = 50
    Q8 = 60
    FP8 = 70
    FULL = 100

    @property
    def enough(self) -> bool:
        """Whether it is what was asked, whatever it was made with."""
        return self >= Fidelity.OFFLOADED


class Priority(IntEnum):
    """Who keeps the memory when there is not enough: lower goes last to be evicted."""

    CHARACTER = 0
    STYLE = 1
    ENVIRONMENT = 2
    AUDIO = 3
    OTHER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to do a step.

    ``models`` are the weights it needs resident; ``work_bytes`` the memory it needs
    beside them while it runs; ``seconds`` the estimate for the work alone.  ``note`` says what
    this way gives up and what that saves, "fp8 instead of fp16, 14 GiB less"; "" for the best.
    One that is not ``allowed`` (the node forbids downgrades) is never taken, only spoken of.
    ``size`` is its picture in pixels where that is smaller than it could be, else (0, 0).
    """

    executor: str
    workflow: str = ""
    precision: str = ""
    models: frozenset[ModelId] = frozenset()
    work_bytes: int = 0
    seconds: float = 0.0
    fidelity: Fidelity = Fidelity.FULL
    note: str = ""
    allowed: bool = True
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRef:
    """What a step will make, as another step's input."""

    step: StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a person would look for the artifact: ``scene/shot/stem_t001.suffix``.

    Never part of a digest: renaming a shot makes nothing dirty.  ``final`` marks
    what the film was made for; cleaning never touches it.
    """

    scene: str = ""
    shot: str = ""
    stem: str
    suffix: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One unit of work.

    ``inputs`` is JSON in which an ``ArtifactRef`` may stand anywhere.  ``after``
    holds the steps it waits for: those it refers to.  ``order`` is its place in
    the film: of two steps that could run, the lower goes first.  ``also`` names
    further nodes that wanted the very same thing.
    """

    id: StepId
    node: NodeId
    kind: Kind
    label: str
    inputs: Mapping[str, Any]
    after: frozenset[StepId] = frozenset()
    options: tuple[Option, ...] = ()
    priority: Priority = Priority.OTHER
    order: int = 0
    intent: Digest
    place: Place
    also: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One pool of memory: a GPU's, or the machine's own for work on the CPU.

    ``gpu`` is what its service calls the GPU, its driver's id or its name; "" for none.  Of a GPU an
    executor gives all there is as ``budget_bytes``, and what its service says is free (-1: it does
    not say); ``core.cards`` makes a budget of it.
    """

    id: DeviceId
    host: str = "localhost"
    budget_bytes: int
    load_bytes_per_s: float = 2e9
    gpu: str = ""
    free_bytes: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running server.  Several may share a device.

    ``slots`` is how many steps it works on at once.  ``in_hand`` is how many it is given at once
    where that is more: it does them one after the other, and gains by knowing the next ones.
    ``capabilities`` are the kinds of work it can do, ``lacking`` those of them that it has no model
    for.  ``name`` is what people call it, "ComfyUI"; ``models`` what it says it has; ``gpu`` and ``memory_bytes`` are its device's, as it says (0: it does not), so that a device
    can be planned with that no executor brings.
    """

    id: ServiceId
    executor: str
    address: str = ""
    device: DeviceId
    unload: Literal["selective", "all", "self"] = "self"
    idle_bytes: int = 0
    slots: int = 1
    in_hand: int = 1
    capabilities: frozenset[Kind] = frozenset()
    lacking: frozenset[Kind] = frozenset()
    name: str = ""
    version: str = ""
    models: tuple[str, ...] = ()
    gpu: str = ""
    memory_bytes: int = 0

    @property
    def able(self) -> frozenset[Kind]:
        """What it can do with the models it has."""
        return self.capabilities - self.lacking

    @property
    def at_once(self) -> int:
        """How many steps it is given before one of them is done."""
        return max(self.slots, self.in_hand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A step with what was chosen for it, and why."""

    step: Step
    option: Option
    service: Service
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Steps of one service that run with the same models resident.

    First ``unload`` leaves the device, then ``load`` comes, all before the first step; what is
    resident stays so to the end.  ``frees`` says which services are asked for what of ``unload``.
    """

    device: DeviceId
    service: ServiceId
    load: frozenset[ModelId] = frozenset()
    unload: frozenset[ModelId] = frozenset()
    frees: tuple[tuple[ServiceId, frozenset[ModelId]], ...] = ()
    steps: tuple[Placed, ...]
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A produced file.  ``facts`` is JSON: what later steps need to know about it.

    ``made_from`` says what it was made from: the content of each parent by its intent.
    """

    step: StepId
    intent: Digest
    path: Path
    take: int = 1
    bytes: int = 0
    content: Digest  #: digest of the file's bytes
    fidelity: Fidelity = Fidelity.FULL
    facts: Mapping[str, Any] = field(default_factory=dict)
    made_from: Mapping[Digest, Digest] = field(default_factory=dict)


def references(value: Any) -> Iterator[ArtifactRef]:
    """Every ``ArtifactRef`` inside a JSON-like value, depth first."""
    if isinstance(value, ArtifactRef):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)
