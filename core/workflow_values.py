# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put into a workflow: checked against its inputs, or made to fit them.

Whole numbers stay whole, a text stays a text, nothing is guessed: a value that an input
cannot take is an error before anything is sent.  ``nearest``, ``best_size`` and
``best_length`` find what it can take, for a film that wants something else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InputError
from .workflow import Input, Workflow

__all__ = [
    "LoRA",
    "best_length",
    "best_size",
    "check_value",
    "check_values",
    "longest_clip",
    "nearest",
    "of_text",
]

MOST_SEED = 2**64 - 1  #: of ComfyUI's samplers
MOST_TEXT = 100_000  #: characters; far above what any text encoder reads
_MEDIA = ("image", "audio", "video", "model", "folder")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoRA:
    """A LoRA file as the service names it, and how strongly it works."""

    file: str
    strength: float = 1.0


def check_values(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes in: the given values and, for the rest, defaults; what is absent is left out.

    Raises:
        InputError: an input is unknown, missing, of another type or out of range.
    """
    for name in given:
        if workflow.input(name) is None:
            names = ", ".join(each.name for each in workflow.inputs)
            raise InputError(
                f"The workflow '{workflow.id}' has no input '{name}'.",
                remedy=f"Give one of: {names}.",
            )
    found = {}
    for each in workflow.inputs:
        value = given.get(each.name)
        value = each.default if value is None else value
        if value is not None:
            found[each.name] = check_value(each, value)
        elif each.required:
            raise InputError(
                f"The workflow '{workflow.id}' needs '{each.name}', and it was not given.",
                remedy=f"Give it: {each.doc or each.type}",
            )
    return found


def check_value(input: Input, value: Any) -> Any:
    """The value, if the input can take it; a whole number for a float input becomes a float.

    Raises:
        InputError: it cannot.
    """
    check = {
        "text": _text, "int": _number, "float": _number, "bool": _flag, "seed": _seed,
        "choice": _choice, "loras": _loras,
    }.get(input.type, _file)  # fmt: skip
    return check(input, value)


def _wrong(input: Input, value: Any, expected: str) -> InputError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return InputError(
        f"'{input.name}' takes {expected}; it was {shown}.", remedy=f"Give it {expected}."
    )


def _text(input: Input, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise _wrong(input, value, f"a text of at most {MOST_TEXT} characters")
    return value


def _flag(input: Input, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(input, value, "true or false")
    return value


def _seed(input: Input, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_SEED:
        raise _wrong(input, value, f"a whole number from 0 to {MOST_SEED}")
    return value


def _choice(input: Input, value: Any) -> str:
    if value not in input.choices:
        raise _wrong(input, value, "one of " + ", ".join(input.choices))
    return str(value)


def _number(input: Input, value: Any) -> int | float:
    whole = input.type == "int"
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
        raise _wrong(input, value, _range(input))
    if nearest(input, value) != value and not math.isclose(nearest(input, value), value):
        raise _wrong(input, value, _range(input))
    return int(value) if whole else float(value)


def _range(input: Input) -> str:
    words = ["a whole number" if input.type == "int" else "a number"]
    if input.minimum is not None:
        words.append(f"from {input.minimum:.15g}")
    if input.maximum is not None:
        words.append(f"to {input.maximum:.15g}")
    if input.step is not None and input.type == "int" and input.step != 1:
        words.append(f"in steps of {input.step:.15g}")
    return " ".join([*words, input.unit]).strip()


def _file(input: Input, value: Any) -> str:
    parts = value.replace("\\", "/").split("/") if isinstance(value, str) else [".."]
    if ".." in parts or not parts[0] or "\0" in value or ":" in parts[0]:
        raise _wrong(input, value, f"the name of a file of the service ({input.type})")
    return str(value)


def _loras(input: Input, value: Any) -> tuple[LoRA, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, LoRA) for each in value):
        raise _wrong(input, value, "a list of LoRAs")
    for each in value:
        _file(input, each.file)
        if not -10 <= each.strength <= 10:
            raise _wrong(input, each.strength, "LoRAs with a strength from -10 to 10")
    return tuple(value)


def nearest(input: Input, value: float) -> int | float:
    """The number nearest to ``value`` that the input takes; halfway goes up."""
    if input.minimum is not None and input.step is not None:
        steps = math.floor((value - input.minimum) / input.step + 0.5)
        if input.maximum is not None:
            most = math.floor((input.maximum - input.minimum) / input.step + 1e-9)
            steps = min(steps, most)
        value = input.minimum + max(0, steps) * input.step
    if input.minimum is not None:
        value = max(value, input.minimum)
    if input.maximum is not None:
        value = min(value, input.maximum)
    return round(value) if input.type == "int" else value


def of_text(input: Input, text: str) -> Any:
    """A value as people type it (``--set key=value``), in the input's type.

    LoRAs are ``file:strength`` separated by commas.

    Raises:
        InputError: it cannot be read as that.
    """
    try:
        if input.type in ("int", "seed"):
            return check_value(input, int(text))
        if input.type == "float":
            return check_value(input, float(text))
        if input.type == "bool":
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        if input.type == "loras":
            return check_value(input, [_lora(each) for each in text.split(",") if each])
    except (ValueError, KeyError) as error:
        expected = {"bool": "true or false", "loras": "file:strength"}.get(
            input.type, _range(input)
        )
        raise _wrong(input, text, expected) from error
    return check_value(input, text)


def _lora(text: str) -> LoRA:
    file, _, strength = text.rpartition(":")
    return LoRA(file=file, strength=float(strength)) if file else LoRA(file=text)


def best_size(workflow: Workflow, width: int, height: int) -> tuple[int, int]:
    """Pixels to ask for, for a film of that size: its shape, and no more than the makers advise.

    The area is at most that of the defaults; an input that is not there leaves the size as it is.
    """
    across, down = workflow.input("width"), workflow.input("height")
    if across is None or down is None:
        return width, height
    most = (across.default or width) * (down.default or height)
    scale = min(1.0, math.sqrt(most / (width * height)))
    return int(nearest(across, width * scale)), int(nearest(down, height * scale))


def best_length(workflow: Workflow, seconds: float) -> tuple[int, float]:
    """Frames and frames per second to ask for, so that the clip is at least that long.

    Less where the workflow cannot give so many; ``(0, 0.0)`` where it is not told in frames.
    """
    frames, fps = workflow.input("frames"), workflow.input("fps")
    if frames is None:
        return 0, 0.0
    rate = float((fps.default if fps else None) or 24.0)
    wanted = math.ceil(seconds * rate - 1e-6)
    count = nearest(frames, wanted)
    if count < wanted and frames.step is not None:
        count = nearest(frames, wanted + frames.step)
    return int(count), rate


def longest_clip(workflow: Workflow) -> float:
    """Seconds of the longest clip it makes at once; 0.0 where nothing limits it."""
    frames, fps = workflow.input("frames"), workflow.input("fps")
    if frames is None or frames.maximum is None:
        return 0.0
    return float(frames.maximum) / float((fps.default if fps else None) or 24.0)
