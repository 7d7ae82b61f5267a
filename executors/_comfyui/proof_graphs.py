# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts that prove a server and make no film: plain stock nodes of every version since 0.3."""

from __future__ import annotations

from typing import Any

__all__ = ["loaded", "long_work"]

#: Nodes in a row that each take a processor a quarter of a second, and a card some milliseconds.
_LINKS = 80
_SIDE = 512


def loaded(name: str) -> dict[str, Any]:
    """A file that was sent there, loaded and saved."""
    return {
        "1": _node("LoadImage", image=name),
        "2": _node("SaveImage", images=["1", 0], filename_prefix="movie_director/test_upload"),
    }


def long_work(colour: int) -> dict[str, Any]:
    """Something that takes its time and can be stopped between two of its nodes."""
    nodes = {"0": _node("EmptyImage", width=_SIDE, height=_SIDE, batch_size=1, color=colour)}
    for number in range(1, _LINKS + 1):
        nodes[str(number)] = _node(
            "ImageBlur", image=[str(number - 1), 0], blur_radius=31, sigma=10.0
        )
    nodes["end"] = _node(
        "SaveImage", images=[str(_LINKS), 0], filename_prefix="movie_director/test_stop"
    )
    return nodes


def _node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}
