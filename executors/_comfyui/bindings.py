# SPDX-License-Identifier: GPL-3.0-or-later
"""Find where anyone's graph takes prompt, seed, size, pictures and length.

The graph is followed from what samples: its ``positive`` input leads to the prompt, its
``latent_image`` to size and length.  Everything found is a proposal that a person can read and
correct in the file that is written; nothing is guessed from titles alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.prompt_graph import feeds, is_link, needed
from ...core.workflow import Pin, Prompt
from .check import wanted_inputs
from .object_info import InputSpec, ObjectInfo

__all__ = ["Bindings", "find_bindings"]

_TEXTS = ("text", "prompt", "tags", "text_g", "t5xxl", "clip_l", "value", "string")
_SEEDS = ("seed", "noise_seed")
_LENGTHS = ("length", "frames_number", "num_frames", "video_frames")
_LOADERS = {"LoadImage": ("image", "image"), "LoadAudio": ("audio", "audio"),
            "LoadVideo": ("video", "file"), "VHS_LoadVideo": ("video", "video")}  # fmt: skip
_MEDIA = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio", "STRING": "text"}
#: Of two things saved, the film wants this one.
_ORDER = ("video", "audio", "image", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """Pins by the usual name of an input, the value and the server's bounds of each, outputs.

    ``models`` are pins of file choices, ``output`` is a node with its media, "" when none is.
    """

    pins: Mapping[str, tuple[Pin, ...]]
    values: Mapping[str, Any]
    specs: Mapping[str, InputSpec]
    models: Mapping[Pin, str] = field(default_factory=dict)
    output: str = ""
    media: str = ""


def find_bindings(prompt: Prompt, info: ObjectInfo) -> Bindings:
    """What can be bound in a prompt whose classes the server has."""
    output, media = _output(prompt, info)
    live = {id: prompt[id] for id in prompt if id in needed(prompt, [output])}
    found: dict[str, list[Pin]] = {}
    samplers = [id for id, node in live.items() if _samples(node)]
    for id in samplers:
        _sampler(live, id, found)
    for id, node in live.items():
        _by_name(live, id, node, found)
    if "prompt" not in found:
        _any_text(live, info, found)
    _pictures(live, media, found)
    pins = {name: tuple(dict.fromkeys(each)) for name, each in found.items()}
    return Bindings(
        pins=pins,
        values={name: _at(live, each[0]) for name, each in pins.items() if name != "loras"},
        specs={name: spec for name, each in pins.items() if (spec := _spec(live, info, each[0]))},
        models=dict(_models(live, info)),
        output=output,
        media=media,
    )


def _output(prompt: Prompt, info: ObjectInfo) -> tuple[str, str]:
    """What saves the most film-like thing; what only shows comes last."""
    ends: list[tuple[bool, int, str, str]] = []
    for id, node in prompt.items():
        node_class = info.get(node["class_type"])
        if node_class is None or not node_class.output_node:
            continue
        types = {spec.name: spec.type for spec in node_class.inputs}
        for name, other, _ in feeds(node):
            media = _media(node["class_type"], types.get(name, ""))
            if media and other in prompt:
                shows = not node["class_type"].startswith(("Save", "VHS"))
                ends.append((shows, _ORDER.index(media), id, media))
    return min(ends)[2:] if ends else ("", "")


def _media(name: str, type: str) -> str:
    """What a class that saves or shows makes of an input of this type."""
    if name == "PreviewAny":
        return "text"
    return "video" if "Video" in name else _MEDIA.get(type, "")


def _samples(node: Mapping[str, Any]) -> bool:
    inputs = node["inputs"]
    return ("positive" in inputs and "model" in inputs) or "guider" in inputs


def _sampler(live: Prompt, id: str, found: dict[str, list[Pin]]) -> None:
    inputs = live[id]["inputs"]
    for name, key in (("positive", "prompt"), ("negative", "negative"), ("conditioning", "prompt")):
        pin = _text_before(live, inputs.get(name))
        if pin is not None and not (key == "negative" and pin in found.get("prompt", [])):
            found.setdefault(key, []).append(pin)
    if "guider" in inputs and is_link(inputs["guider"]):
        _sampler(live, inputs["guider"][0], found)
    if is_link(inputs.get("model")):
        found.setdefault("loras", []).append(Pin(node=id, input="model"))


def _text_before(live: Prompt, link: Any) -> Pin | None:
    """The nearest text that goes into this link, looking at conditioning alone."""
    waiting, seen = [link], set()
    while waiting:
        each = waiting.pop(0)
        if not is_link(each) or each[0] in seen or each[0] not in live:
            continue
        seen.add(each[0])
        node = live[each[0]]
        if node["class_type"] == "ConditioningZeroOut":
            continue  # its text is not used
        for name in _TEXTS:
            value = node["inputs"].get(name)
            if isinstance(value, str):
                return Pin(node=each[0], input=name)
            if is_link(value):
                inner = _text_before(live, value)
                if inner is not None:
                    return inner
        side = "negative" if each[1] == 1 and "negative" in node["inputs"] else "positive"
        inside = ("conditioning", side, "conditioning_1", "conditioning_2", "source")
        waiting += [node["inputs"].get(name) for name in inside]
    return None


def _by_name(live: Prompt, id: str, node: Mapping[str, Any], found: dict[str, list[Pin]]) -> None:
    """What is named for what it is: seeds, sizes, lengths, rates, steps."""
    inputs = node["inputs"]

    def put(key: str, name: str, computed: bool = False) -> None:
        pin = _source(live, Pin(node=id, input=name))
        value = _at(live, pin)
        if (isinstance(value, int | float) and not isinstance(value, bool)) or (
            computed and is_link(value)  # a value put in takes the place of the computed one
        ):
            found.setdefault(key, []).append(pin)

    for name in _SEEDS:
        if name in inputs and inputs.get("add_noise") != "disable":
            put("seed", name)
    if "width" in inputs and "height" in inputs and _makes_size(node):
        put("width", "width", True)
        put("height", "height", True)
    for name in _LENGTHS:
        if name in inputs:
            put("frames", name, True)
    for key, name in (("fps", "fps"), ("fps", "frame_rate"), ("steps", "steps"), ("cfg", "cfg")):
        if name in inputs and (key != "steps" or "start_at_step" not in inputs):
            put(key, name)
    if "Audio" in node["class_type"]:
        for name in ("seconds", "duration"):
            if name in inputs:
                put("seconds", name)
    if isinstance(inputs.get("lyrics"), str):
        found.setdefault("lyrics", []).append(Pin(node=id, input="lyrics"))


def _makes_size(node: Mapping[str, Any]) -> bool:
    """Whether the size is of what is made, not of something on the way."""
    name = node["class_type"]
    return name.startswith(
        ("Empty", "Wan", "Hunyuan", "LTXV", "Flux2Scheduler", "ModelSamplingFlux")
    ) or ("Latent" in name or "ToVideo" in name)


def _source(live: Prompt, pin: Pin) -> Pin:
    """Where a number that is linked is written: a node with one ``value``."""
    value = _at(live, pin)
    for _ in range(8):
        if not is_link(value) or value[0] not in live:
            return pin
        if "value" not in live[value[0]]["inputs"]:
            return pin
        pin = Pin(node=value[0], input="value")
        value = _at(live, pin)
    return pin


def _any_text(live: Prompt, info: ObjectInfo, found: dict[str, list[Pin]]) -> None:
    """Without a sampler: the longest text of several lines there is."""
    texts = [
        (len(value), str(Pin(node=id, input=spec.name)), Pin(node=id, input=spec.name))
        for id, node in live.items()
        if node["class_type"] in info
        for spec in info[node["class_type"]].inputs
        if spec.options.get("multiline")
        and isinstance(value := node["inputs"].get(spec.name), str)
        and spec.name not in ("lyrics", "negative_prompt")
    ]
    if texts:
        found["prompt"] = [max(texts)[2]]


def _pictures(live: Prompt, media: str, found: dict[str, list[Pin]]) -> None:
    """Files that are loaded; a clip begins with the first picture unless it says otherwise."""
    names = {"video": ["start_image", "end_image"], "image": ["image"]}.get(media, ["image"])
    names += ["reference_1", "reference_2", "reference_3"]
    for id, node in live.items():
        key, name = _LOADERS.get(node["class_type"], ("", ""))
        if not isinstance(node["inputs"].get(name), str):
            continue
        if key == "image":
            used = {
                input
                for other in live.values()
                for input, origin, index in feeds(other)
                if origin == id and index == 0
            }
            key = next((each for each in ("end_image", "start_image") if each in used), "")
            key = (
                key if key and key not in found else next((n for n in names if n not in found), "")
            )
        if key and key not in found:
            found[key] = [Pin(node=id, input=name)]


def _models(live: Prompt, info: ObjectInfo) -> Iterator[tuple[Pin, str]]:
    """Files of weights that are loaded, whether the server has them or not."""
    ends = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx")
    for id, node in live.items():
        for name, value in node["inputs"].items():
            if isinstance(value, str) and value.lower().endswith(ends):
                yield Pin(node=id, input=name), value
    del info


def _at(live: Prompt, pin: Pin) -> Any:
    return live[pin.node]["inputs"].get(pin.input) if pin.node in live else None


def _spec(live: Prompt, info: ObjectInfo, pin: Pin) -> InputSpec | None:
    node = live[pin.node]
    if node["class_type"] not in info:
        return None
    wanted = wanted_inputs(info[node["class_type"]], node["inputs"])
    return next((each for each in wanted if each.name == pin.input), None)
