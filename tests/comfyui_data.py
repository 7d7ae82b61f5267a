"""What was recorded from ComfyUI, and the official templates as their package has them."""

from __future__ import annotations

import functools
import gzip
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import comfyui_workflow_templates_json
from movie_director.executors._comfyui.object_info import ObjectInfo, parse_object_info

DATA = pathlib.Path(__file__).resolve().parent / "data" / "comfyui"
TEMPLATES = pathlib.Path(comfyui_workflow_templates_json.__file__).parent / "templates"


def recorded(name: str) -> Any:
    """The parsed JSON of ``tests/data/comfyui/NAME.json.gz``; a new value each time."""
    return json.loads(gzip.decompress((DATA / f"{name}.json.gz").read_bytes()))


@functools.cache
def node_classes(version: str = "0.33") -> ObjectInfo:
    """The node classes of a stock server of that version."""
    data = gzip.decompress((DATA / version / "object_info.json.gz").read_bytes())
    return parse_object_info(data)


def template(name: str) -> Any:
    """An official template in the editor's format."""
    return json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8"))


@functools.cache
def template_names() -> tuple[str, ...]:
    """Every template that is a workflow."""
    names = sorted(path.stem for path in TEMPLATES.glob("*.json"))
    others = ("index", "fuse_options")
    return tuple(name for name in names if not name.startswith(others))


def messages(value: Any) -> Iterator[dict[str, Any]]:
    """Every text message in a recording, wherever it lies."""
    yield from _said(value, "text")


def binaries(value: Any) -> Iterator[dict[str, Any]]:
    """What is kept of every binary message in a recording."""
    yield from _said(value, "binary")


def _said(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get(kind), dict) and "t" in value:
            yield value[kind]
            return
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _said(each, kind)
