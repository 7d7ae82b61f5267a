# SPDX-License-Identifier: GPL-3.0-or-later
"""Make anyone's graph a workflow of the library: the text of its file, from what was found in it.

The graph is kept as the server takes it, in a file beside.  Kind of work, inputs, ranges and
models are a proposal in plain YAML, for a person to correct.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import InputError
from ...core.footprint import Footprints
from ...core.footprints import own_footprints_path
from ...core.workflow import PRECISIONS, USUAL_INPUTS, Prompt
from .bindings import Bindings, find_bindings
from .object_info import ObjectInfo
from .templates import NamedModel

__all__ = ["Adopted", "adopt"]

#: Where a server looks for a file, by the name of the input that loads it (ComfyUI 0.33).
_FOLDERS = {
    "ckpt_name": "checkpoints", "unet_name": "diffusion_models", "vae_name": "vae",
    "clip_name": "text_encoders", "clip_name1": "text_encoders", "clip_name2": "text_encoders",
    "clip_name3": "text_encoders", "text_encoder": "text_encoders", "lora_name": "loras",
    "control_net_name": "controlnet", "style_model_name": "style_models",
    "audio_encoder_name": "audio_encoders", "name": "model_patches",
}  # fmt: skip
_CLASS_FOLDERS = {
    "UpscaleModelLoader": "upscale_models", "CLIPVisionLoader": "clip_vision",
    "LatentUpscaleModelLoader": "latent_upscale_models",
    "FrameInterpolationModelLoader": "frame_interpolation",
}  # fmt: skip
_ORDER = (
    "prompt", "negative", "lyrics", "start_image", "end_image", "image", "reference_1",
    "reference_2", "reference_3", "audio", "video", "seed", "width", "height", "frames", "fps",
    "seconds", "steps", "cfg", "loras",
)  # fmt: skip
_REQUIRED = ("prompt", "start_image", "end_image", "image", "audio", "video")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A workflow file to write, and the graph beside it; ``remarks`` are for people."""

    text: str
    graph: Prompt
    kind: str
    bound: tuple[str, ...]
    remarks: tuple[str, ...]


def adopt(
    name: str,
    prompt: Prompt,
    info: ObjectInfo,
    footprints: Footprints,
    *,
    kind: str = "",
    quality: str = "standard",
    title: str = "",
    named: Mapping[str, NamedModel] | None = None,
) -> Adopted:
    """The workflow that a prompt makes; ``named`` are the models its author named.

    Raises:
        InputError: nothing in it saves or shows anything.
    """
    found = find_bindings(prompt, info)
    if not found.output:
        raise InputError(
            "Nothing in this workflow saves a picture, a clip or a sound.",
            remedy="Add a node that saves to it in ComfyUI, and save it again.",
        )
    kind = kind or _kind(found)
    lines = [
        "# Proposed by 'movie-director workflow import': correct what is not meant so.",
        "schema: movie-director/workflow@1",
        "version: 1",
        f"title: {json.dumps(title or name, ensure_ascii=False)}",
        f"kind: {kind}",
        f"quality: {quality}",
        *(["tier: baseline"] if kind == "character_variation" else []),
        f"base: {{graph: {name}.json}}",
        *_models(found, prompt, footprints, named or {}),
        "inputs:" if found.pins else "inputs: {}",
        *(line for each in _ORDER if each in found.pins for line in _input(each, found)),
        "outputs:",
        f"  result: {{node: {json.dumps(found.output)}, media: {found.media}}}",
    ]
    return Adopted(
        text="\n".join(lines) + "\n",
        graph=prompt,
        kind=kind,
        bound=tuple(each for each in _ORDER if each in found.pins),
        remarks=(*_remarks(found), *_sizes(found, footprints)),
    )


def _kind(found: Bindings) -> str:
    pins = found.pins
    if found.media == "video":
        if "video" in pins:
            return "upscale_video"
        if "audio" in pins:
            return "speech_to_video"
        if "end_image" in pins:
            return "keyframes_to_video"
        return "image_to_video" if "start_image" in pins else "text_to_video"
    if found.media == "audio":
        return "music" if "lyrics" in pins else "sound_effect"
    if found.media == "text":
        return "text"
    if "image" in pins:
        return "image_edit" if "prompt" in pins else "upscale_image"
    return "text_to_image"


def _input(name: str, found: Bindings) -> Iterator[str]:
    pins = [str(pin) for pin in found.pins[name]]
    parts = [f"at: {json.dumps(pins if len(pins) > 1 else pins[0], ensure_ascii=False)}"]
    type, value, spec = USUAL_INPUTS[name], found.values.get(name), found.specs.get(name)
    if name in _REQUIRED:
        parts.append("required: true")
    elif type in ("int", "float"):
        parts += _bounds(name, type, value, spec)
    elif type == "seed":
        parts.append("default: 0")
    yield f"  {name}: {{{', '.join(parts)}}}"


def _bounds(name: str, type: str, value: Any, spec: Any) -> Iterator[str]:
    """The value there is as default, within the server's range, in its steps."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield f"default: {value if type == 'float' else int(value)}"
    least, most, step = (spec.number(each) if spec else None for each in ("min", "max", "step"))
    if type == "int" and step and step > 1 and isinstance(value, int):
        # What the makers chose lies on their grid (4n + 1 frames), whatever the widget begins at.
        least = value % step if value % step >= (least or 0) else value % step + step
        least = least or step
    for key, bound in (("minimum", least), ("maximum", most)):
        if bound is not None and abs(bound) < 1e9:
            yield f"{key}: {int(bound) if type == 'int' else bound}"
    if type == "int" and step and step > 1 and least is not None:
        yield f"step: {int(step)}"
    unit = {"width": "pixels", "height": "pixels", "frames": "frames", "seconds": "seconds",
            "fps": "frames per second"}.get(name)  # fmt: skip
    if unit:
        yield f"unit: {unit}"


def _models(
    found: Bindings, prompt: Prompt, footprints: Footprints, named: Mapping[str, NamedModel]
) -> Iterator[str]:
    by_file: dict[str, list[str]] = {}
    for pin, file in found.models.items():
        by_file.setdefault(file, []).append(str(pin))
    if not by_file:
        return
    ids = {file: _id(file, footprints) for file in by_file}
    yield f"precision: {_precision(ids, found)}"
    yield "models:"
    for file, pins in by_file.items():
        node, _, input = pins[0].partition(".")
        known, author = footprints.by_file(file), named.get(file.replace("\\", "/").split("/")[-1])
        folder = (author.folder if author else "") or _CLASS_FOLDERS.get(
            prompt[node]["class_type"], _FOLDERS.get(input, "models")
        )
        url = (author.url if author else "") or (known.url if known else "")
        yield f"  - id: {ids[file]}"
        yield f"    file: {json.dumps(file, ensure_ascii=False)}"
        yield f"    folder: {json.dumps(folder, ensure_ascii=False)}"
        yield f"    at: {json.dumps(pins, ensure_ascii=False)}"
        if url.startswith("https://"):
            yield f"    url: {json.dumps(url)}"


def _id(file: str, footprints: Footprints) -> str:
    """The footprint's id, or one made from the file's name."""
    known = footprints.by_file(file)
    if known is not None:
        return known.id
    stem = re.sub(r"[^a-z0-9._-]+", "-", file.replace("\\", "/").split("/")[-1].lower())
    stem = stem.rpartition(".")[0].strip("-._") or "model"
    precision = next((each for each in PRECISIONS if each in stem), "fp16")
    return f"{stem}/{precision}"


def _precision(ids: Mapping[str, str], found: Bindings) -> str:
    """That of the main model: the first that is loaded for sampling."""
    for pin, file in found.models.items():
        if pin.input in ("unet_name", "ckpt_name"):
            given = ids[file].rpartition("/")[2]
            return given if given in PRECISIONS else "fp16"
    given = next((each.rpartition("/")[2] for each in ids.values()), "fp16")
    return given if given in PRECISIONS else "fp16"


def _remarks(found: Bindings) -> Iterator[str]:
    if "prompt" not in found.pins:
        yield "No prompt was found: say under 'inputs' where it goes."
    if "seed" not in found.pins:
        yield "No seed was found: every take will be the same."
    if found.media == "video" and not {"frames", "seconds", "video"} & found.pins.keys():
        yield "No length was found: every clip is as long as the workflow makes it."


def _sizes(found: Bindings, footprints: Footprints) -> Iterator[str]:
    """Models of nobody's list: a film takes none whose size is not known."""
    ids = {file: _id(file, footprints) for file in found.models.values()}
    unknown = {id: file for file, id in ids.items() if id not in footprints.sizes}
    for id, file in sorted(unknown.items()):
        yield (
            f"The size of {file} is not known, and no film is planned with it before: write "
            f"'{id}: BYTES' below 'bytes:' in {own_footprints_path()}."
        )
