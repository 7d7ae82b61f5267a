# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workflow is: what the film needs to know of one way a service makes something.

    Workflow   identity, kind of work, quality, tier, licence
      base     an official template by name, or a graph of our own
      change   how the base is altered before anything is put in
      inputs   typed, bound to the nodes and widgets they are put into (pins)
      outputs  which node gives what kind of media
      precisions  the models it needs, for each precision there is, best first

Frozen values without I/O: ``workflow_file`` reads them, ``workflow_values`` checks what is
put in, ``workflow_library`` chooses among them, an executor puts values into the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .step import ModelId

__all__ = [
    "INPUT_TYPES", "MEDIA", "PRECISIONS", "QUALITIES", "TIERS", "USUAL_INPUTS", "WORK",
    "Base", "Change", "Graph", "Input", "InputType", "Model", "Output", "Pin", "Precision",
    "Prompt", "Template", "Work", "Workflow",
]  # fmt: skip

#: A graph as a service takes it: class and inputs by node id.
Prompt: TypeAlias = Mapping[str, Mapping[str, Any]]

QUALITIES = ("draft", "standard", "final")
#: How a character's looks are kept (``baseline``: reference pictures); "" where it does not matter.
TIERS = ("", "baseline", "enhanced", "ultimate")
#: Of the main model's weights, largest first; the models beside it may have another.
PRECISIONS = ("fp32", "bf16", "fp16", "fp8", "int8", "q8", "q6", "q5", "fp4", "q4")
MEDIA = ("image", "video", "audio", "text", "model")

InputType: TypeAlias = Literal[
    "text", "int", "float", "bool", "seed", "choice", "image", "audio", "video", "folder",
    "model", "loras",
]  # fmt: skip
INPUT_TYPES: tuple[InputType, ...] = (
    "text", "int", "float", "bool", "seed", "choice", "image", "audio", "video", "folder",
    "model", "loras",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work: what it makes, in words and as media."""

    about: str
    media: str


#: Every kind of work a workflow can do.
WORK: Mapping[str, Work] = {
    "text_to_image": Work(about="a picture from words", media="image"),
    "image_edit": Work(about="a picture changed as words say", media="image"),
    "style_transfer": Work(about="a picture in the style of another", media="image"),
    "character_variation": Work(about="a character again, in another pose or place", media="image"),
    "environment_angle": Work(about="a place seen from another angle", media="image"),
    "depth_to_image": Work(about="a picture that keeps the depth of another", media="image"),
    "image_to_video": Work(about="a clip that begins with a picture", media="video"),
    "text_to_video": Work(about="a clip from words", media="video"),
    "keyframes_to_video": Work(about="a clip from its first to its last picture", media="video"),
    "speech_to_video": Work(about="a clip of somebody who says what is heard", media="video"),
    "upscale_image": Work(about="a picture with more pixels", media="image"),
    "upscale_video": Work(about="a clip with more pixels", media="video"),
    "interpolation": Work(about="a clip with more frames a second", media="video"),
    "sound_effect": Work(about="a sound from words", media="audio"),
    "music": Work(about="a piece of music from words", media="audio"),
    "speech": Work(about="a line spoken", media="audio"),
    "lora_training": Work(about="a LoRA from pictures of one character", media="model"),
    "text": Work(about="a text from words", media="text"),
    "test_image": Work(about="a picture without any model", media="image"),
    "test_video": Work(about="a clip without any model", media="video"),
    "test_sound": Work(about="a sound without any model", media="audio"),
}

#: Inputs that mean the same in every workflow: a name here has this type everywhere.
USUAL_INPUTS: Mapping[str, InputType] = {
    "prompt": "text",
    "negative": "text",
    "lyrics": "text",
    "text": "text",
    "language": "choice",
    "seed": "seed",
    "width": "int",
    "height": "int",
    "frames": "int",
    "fps": "float",
    "seconds": "float",
    "steps": "int",
    "cfg": "float",
    "strength": "float",
    "tempo": "int",
    "image": "image",
    "start_image": "image",
    "end_image": "image",
    "reference_1": "image",
    "reference_2": "image",
    "reference_3": "image",
    "style_image": "image",
    "audio": "audio",
    "video": "video",
    "loras": "loras",
    "multiplier": "int",
    "factor": "float",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pin:
    """Where a value goes in: an input of a node, written ``57:8.text``."""

    node: str
    input: str

    def __str__(self) -> str:
        return f"{self.node}.{self.input}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a graph is altered, in this order: nodes added, dropped, links laid, values set.

    ``link`` says which output (node, index) now feeds a pin.  A link from a dropped node that
    is not laid anew is taken away with it.
    """

    add: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    link: Mapping[Pin, tuple[str, int]] = field(default_factory=dict)
    set: Mapping[Pin, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing that can be put in.

    ``default`` None means there is none: an input that is not ``required`` may then be
    absent, and ``absent`` is done to the graph.  Numbers lie on ``minimum`` + n × ``step``.
    A ``loras`` input's pins are model inputs, before which loaders are put in.
    """

    name: str
    type: InputType
    pins: tuple[Pin, ...]
    doc: str = ""
    required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    absent: Change = field(default_factory=Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What comes out of a node: image, video, audio, text or model."""

    name: str
    node: str
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One file of weights: its name on the service, the folder it lies in there, and where
    it is loaded.  ``url`` is where it can be had; its bytes are in the footprint database.
    """

    id: ModelId
    file: str
    folder: str
    pins: tuple[Pin, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """All the weights of the workflow at one precision.

    ``needs`` is the oldest version of the service that can load such files, if it is newer
    than what the workflow needs.
    """

    name: str
    needs: str = ""
    models: tuple[Model, ...] = ()
    change: Change = field(default_factory=Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An official template, by name, of one release of its package."""

    name: str
    package: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A graph of our own, as the service takes it."""

    prompt: Prompt


Base: TypeAlias = Template | Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One way a service makes something; ``id`` is the stem of its file.

    ``preference`` decides between equals, lower first.  ``needs`` is the oldest version of
    the service that has all nodes.  ``made_by`` says whose settings the defaults are.  ``onward``
    goes on from the last picture of its clips, where a shot is longer than one.
    """

    id: str
    title: str
    version: int
    kind: str
    quality: str
    base: Base
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    precisions: tuple[Precision, ...] = (Precision(name=""),)
    executor: str = "comfyui"
    tier: str = ""
    about: str = ""
    preference: int = 100
    needs: str = ""
    licence: str = ""
    made_by: str = ""
    onward: str = ""
    change: Change = field(default_factory=Change)
    replaces: bool = False  #: meant to stand for a shipped workflow of the same name
    own: bool = False  #: the user's, not shipped

    def input(self, name: str) -> Input | None:
        """The input of that name."""
        return next((each for each in self.inputs if each.name == name), None)

    def precision(self, name: str = "") -> Precision | None:
        """The precision of that name; the best for ""."""
        if not name:
            return self.precisions[0]
        return next((each for each in self.precisions if each.name == name), None)

    def too_new(self, precision: Precision | None, version: str) -> str:
        """The version of the service that it needs at a precision, where ``version`` is older;
        "" where that is enough, or not known."""
        asked = max(self.needs, precision.needs if precision else "", key=_numbers)
        return asked if version and _numbers(version) < _numbers(asked) else ""

    @property
    def media(self) -> str:
        """What it makes: image, video, audio, text or model."""
        return WORK[self.kind].media


def _numbers(version: str) -> tuple[int, ...]:
    """A version as numbers; what is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split(".")[:3])
