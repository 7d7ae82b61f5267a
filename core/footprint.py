# SPDX-License-Identifier: GPL-3.0-or-later
"""What models cost: bytes of weights, bytes of work, seconds of work.

One ``Footprint`` is one model at one precision; a ``Family`` says what working with
models of its architecture takes beside their weights.  ``Footprints`` holds all and
answers.  Every number has a source.  Reading them from files is in ``footprints``;
what this machine taught about them is in ``learning``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from .step import ModelId

__all__ = [
    "BITS", "PRECISIONS", "REFERENCE_LINK_BYTES_PER_S", "Family", "Footprint", "Footprints",
    "Memory", "Size", "Source", "Speed", "Work", "precision_of",
]  # fmt: skip

#: Bits one weight takes.  GGUF: 8.5 (Q8_0) by its format; Q4_K_M, Q5_K_M and Q6_K as measured on
#: Llama 3.1 8B, https://github.com/ggml-org/llama.cpp/blob/master/tools/quantize/README.md, read
#: 2026-11-24.  NVFP4 has one 8-bit scale for 16 weights.
BITS: Mapping[str, float] = MappingProxyType(
    {
        "fp32": 32.0, "fp16": 16.0, "fp8": 8.0, "int8": 8.0, "q8": 8.5, "q6": 6.5625,
        "q5": 5.7, "q4": 4.9, "nvfp4": 4.5,
    }
)  # fmt: skip
#: Most exact first; bf16 counts as fp16, of which it has the size.
PRECISIONS: tuple[str, ...] = tuple(BITS)

#: What weights travel at between the machine's memory and a card: half of PCIe 4.0 x16's 32 GB/s.
REFERENCE_LINK_BYTES_PER_S = 16e9

#: How much longer a step takes with weights that are unpacked on the way: an estimate, corrected by
#: what is seen (``learning``).
_UNPACKING: Mapping[str, float] = MappingProxyType({"q8": 1.1, "q6": 1.25, "q5": 1.3, "q4": 1.25})

#: Side of the tiles that ComfyUI decodes in when the whole does not fit: 512 pixels.
_TILE_MEGAPIXELS = 512 * 512 / 1e6

Size: TypeAlias = Literal["exact", "rounded", "estimated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a number comes from: an address or a sentence, and the day it was read."""

    where: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes of work beside the weights.

    Sampling: ``base_bytes + bytes_per_megapixel_frame`` x megapixels x latent frames.
    Decoding happens after it, so the larger of the two counts.
    """

    base_bytes: int
    bytes_per_megapixel_frame: int = 0
    decode_bytes_per_megapixel: int = 0
    decode_bytes_per_megapixel_frame: int = 0
    bytes_per_second: int = 0
    bytes_per_token: int = 0
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Bytes beside the weights in the two phases of one piece of work."""

    sampling_bytes: int
    decoding_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Seconds of work on an RTX 4090, of one pass of the model for pictures and video."""

    per_megapixel_frame: float = 0.0
    per_megapixel_frame_squared: float = 0.0
    per_second: float = 0.0
    per_token: float = 0.0
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What working with models of one architecture takes.

    ``frames_per_latent`` is how many frames the VAE makes of one latent frame, after the first.
    """

    id: str
    title: str
    kind: str
    frames_per_latent: int = 1
    memory: Memory
    speed: Speed | None = None

    def latent_frames(self, frames: int) -> int:
        """How many latent frames hold ``frames`` frames; at least one."""
        return max(1, -(-(frames - 1) // self.frames_per_latent) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One model at one precision.

    ``id`` is "name/precision".  ``size`` says what ``bytes`` is worth; ``measured`` names the
    card a figure was measured on, "" for a published one.  ``files`` are the names it goes by.
    ``pickled`` weights are unpacked by the CPU and load slower.  ``why`` explains a size far from
    parameters times bits.
    """

    id: ModelId
    family: str
    role: str
    bytes: int
    size: Size
    parameters: int
    files: tuple[str, ...] = ()
    url: str = ""
    pickled: bool = False
    measured: str = ""
    why: str = ""
    source: Source

    @property
    def name(self) -> str:
        """The id without the precision."""
        return self.id.rpartition("/")[0]

    @property
    def precision(self) -> str:
        """The last part of the id, one of ``PRECISIONS``."""
        return precision_of(self.id)


def precision_of(model: ModelId) -> str:
    """The precision a model's id ends with."""
    return model.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprints:
    """Every known model and family, by id.  Built by ``footprints.load_footprints``."""

    models: Mapping[ModelId, Footprint]
    families: Mapping[str, Family]
    #: Bytes of models that only their owner knows.
    others: Mapping[ModelId, int] = field(default_factory=dict)
    _files: Mapping[str, ModelId] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        files = {name.lower(): model.id for model in self.models.values() for name in model.files}
        object.__setattr__(self, "_files", files)

    @property
    def sizes(self) -> Mapping[ModelId, int]:
        """Bytes of weights by id."""
        return {**self.others, **{id: model.bytes for id, model in self.models.items()}}

    def bytes_of(self, model: ModelId) -> int:
        """Bytes of its weights.

        Raises:
            KeyError: it is not in the database; ask ``by_file`` first about names from outside.
        """
        return self.models[model].bytes

    def by_file(self, name: str) -> Footprint | None:
        """The model that goes by this file name, whatever folder it lies in and its case."""
        base = name.replace("\\", "/").rpartition("/")[2].lower()
        found = self._files.get(base) or self._files.get(name.lower())
        return None if found is None else self.models[found]

    def precisions(self, name: str) -> Mapping[str, ModelId]:
        """The precisions a model of this name is known in, most exact first."""
        there = {p: ModelId(f"{name}/{p}") for p in PRECISIONS}
        return {p: id for p, id in there.items() if id in self.models}

    def at(self, names: Collection[str], precision: str) -> frozenset[ModelId]:
        """Each model at ``precision``, or at the nearest: the next less exact, else the least exact.

        Raises:
            KeyError: a name is unknown, or the precision.
        """
        return frozenset(self._nearest(name, precision) for name in names)

    def _nearest(self, name: str, precision: str) -> ModelId:
        known = self.precisions(name)
        least = BITS[precision]
        if not known:
            raise KeyError(name)
        if precision in known:
            return known[precision]
        fitting = [id for p, id in known.items() if BITS[p] <= least]
        return fitting[0] if fitting else list(known.values())[-1]

    def work_bytes(
        self,
        family: str,
        *,
        width: int = 0,
        height: int = 0,
        frames: int = 1,
        precision: str = "fp16",
        sound_seconds: float = 0.0,
        tokens: int = 0,
        tiled: bool = False,
    ) -> int:
        """Bytes needed beside the weights while working: sampling or decoding, what takes more.

        Activations are 16-bit whatever the weights are, but for fp32, where they are twice as
        large.  ``tiled`` decodes in tiles.

        Raises:
            KeyError: no such family.
        """
        work = self.work(
            family,
            width=width,
            height=height,
            frames=frames,
            precision=precision,
            sound_seconds=sound_seconds,
            tokens=tokens,
            tiled=tiled,
        )
        return max(work.sampling_bytes, work.decoding_bytes)

    def work(
        self,
        family: str,
        *,
        width: int = 0,
        height: int = 0,
        frames: int = 1,
        precision: str = "fp16",
        sound_seconds: float = 0.0,
        tokens: int = 0,
        tiled: bool = False,
    ) -> Work:
        """The same for sampling and decoding, each with the base.

        Raises:
            KeyError: no such family.
        """
        of = self.families[family]
        memory, latents = of.memory, of.latent_frames(frames)
        wide = 2 if precision == "fp32" else 1
        pixels = width * height / 1e6
        sampling = memory.bytes_per_megapixel_frame * pixels * latents
        sampling += memory.bytes_per_second * sound_seconds + memory.bytes_per_token * tokens
        decoded = min(pixels, _TILE_MEGAPIXELS) if tiled else pixels
        decoding = decoded * (
            memory.decode_bytes_per_megapixel + memory.decode_bytes_per_megapixel_frame * latents
        )
        return Work(
            sampling_bytes=memory.base_bytes + round(sampling * wide),
            decoding_bytes=memory.base_bytes + round(decoding * wide),
        )

    def swapped(
        self,
        models: Collection[ModelId],
        work: Work,
        *,
        turns: bool = False,
        last: Collection[ModelId] = (),
    ) -> tuple[frozenset[ModelId], int]:
        """The models and the bytes beside them, in a service that holds one phase at a time.

        ComfyUI, for one, makes room for the VAE when it decodes.  The models are those that sample;
        the bytes are what the largest phase takes beyond them.  With ``turns`` those that denoise
        one after the other (Wan 2.2's two experts) make room for each other too, as ComfyUI does
        where they do not fit together (comfy/model_management.py, load_models_gpu): one is held,
        of ``last`` where it can be, and the phase of the largest counts.
        """
        phases = {"encode": 0, "sample": work.sampling_bytes, "decode": work.decoding_bytes}
        denoising = self.denoising(models) if turns else frozenset()
        for id in frozenset(models) - denoising:
            phases[self._phase(id)] += self.models[id].bytes
        held = frozenset(id for id in models if self._phase(id) == "sample") - denoising
        if denoising:
            phases["sample"] += max(self.models[id].bytes for id in denoising)
            held |= {max(denoising, key=lambda id: (id in last, self.models[id].bytes, id))}
        bytes_held = sum(self.models[id].bytes for id in held)
        return held, max(max(phases.values()) - bytes_held, work.sampling_bytes)

    def by_phase(self, models: Collection[ModelId]) -> Mapping[str, int]:
        """Bytes of the weights that encode, sample and decode."""
        found = {"encode": 0, "sample": 0, "decode": 0}
        for id in models:
            found[self._phase(id)] += self.models[id].bytes
        return found

    def denoising(self, models: Collection[ModelId]) -> frozenset[ModelId]:
        """Those that each denoise by themselves, of which one is at work at a time."""
        return frozenset(id for id in models if self.models[id].role == "diffusion")

    def _phase(self, model: ModelId) -> str:
        return _PHASES.get(self.models[model].role, "sample")

    def seconds(
        self,
        family: str,
        *,
        width: int = 0,
        height: int = 0,
        frames: int = 1,
        steps: int = 1,
        passes: int = 1,
        precision: str = "fp16",
        sound_seconds: float = 0.0,
        tokens: int = 0,
    ) -> float:
        """Seconds the work takes on an RTX 4090, without loading; 0 when the family has no speed.

        ``passes`` is how often the model runs in one step: 2 with classifier-free guidance.

        Raises:
            KeyError: no such family.
        """
        of = self.families[family]
        if of.speed is None:
            return 0.0
        area = width * height / 1e6 * of.latent_frames(frames)
        one = of.speed.per_megapixel_frame * area + of.speed.per_megapixel_frame_squared * area**2
        work = one * steps * passes
        work += of.speed.per_second * sound_seconds + of.speed.per_token * tokens
        return work * _UNPACKING.get(precision, 1.0)

    def load_seconds(self, models: Collection[ModelId], bytes_per_s: float) -> float:
        """Seconds to bring these weights onto a device; pickled ones take twice as long."""
        known = (self.models[id] for id in models)
        return sum(model.bytes * (2 if model.pickled else 1) for model in known) / bytes_per_s


#: When a model is at work in a service that holds one phase's models at a time.
_PHASES: Mapping[str, str] = MappingProxyType(
    {"text encoder": "encode", "image encoder": "encode", "audio encoder": "encode",
     "vae": "decode"}
)  # fmt: skip
