"""A layout that only takes notes of what is drawn on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy


class Notes:
    """A layout: every part of it is itself.  Refuses icons that Blender has not."""

    def __init__(self) -> None:
        self.said: list[str] = []
        #: Each operator's name, what was written before it, and what it would be given.
        self.buttons: list[tuple[str, str, SimpleNamespace]] = []
        label = bpy.types.UILayout.bl_rna.functions["label"]
        self._icons = {item.identifier for item in label.parameters["icon"].enum_items}

    def label(self, text: str = "", icon: str = "NONE") -> None:
        assert icon in self._icons
        self.said.append(text)

    def progress(self, factor: float, text: str = "") -> None:
        assert 0 <= factor <= 1
        self.said.append(text)

    def operator(self, name: str, icon: str = "NONE", text: str = "", **_: Any) -> Any:
        assert icon in self._icons
        assert name.partition(".")[2] in dir(bpy.ops.movie_director), name
        given = SimpleNamespace()
        self.buttons.append((name, self.said[-1] if self.said else "", given))
        return given

    @property
    def leads(self) -> list[tuple[str, str]]:
        """What is written beside each button that shows a node, and the node."""
        return [
            (beside, given.path)
            for name, beside, given in self.buttons
            if name == "movie_director.show_node"
        ]

    def separator(self, **_: Any) -> None:
        """Room between two things."""

    def row(self, **_: Any) -> Notes:
        return self

    column = box = row
