"""What the sidebar draws of a plan and of the memory, on a layout that only takes notes."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.timeout(120)]
bpy = pytest.importorskip("bpy")

from movie_director.core.allocation import allocations  # noqa: E402
from movie_director.core.budget import Reading  # noqa: E402
from movie_director.core.explain import told  # noqa: E402
from movie_director.core.schedule import begin  # noqa: E402

from tests.unit.core.films import planned_film  # noqa: E402

GIB = 2**30


class Notes:
    """A layout: every part of it is itself.  Refuses icons that Blender has not."""

    def __init__(self) -> None:
        self.said: list[str] = []
        label = bpy.types.UILayout.bl_rna.functions["label"]
        self._icons = {item.identifier for item in label.parameters["icon"].enum_items}

    def label(self, text: str = "", icon: str = "NONE") -> None:
        assert icon in self._icons
        self.said.append(text)

    def progress(self, factor: float, text: str = "") -> None:
        assert 0 <= factor <= 1
        self.said.append(text)

    def operator(self, name: str, icon: str = "NONE", **_: Any) -> Notes:
        assert icon in self._icons
        return self

    def row(self, **_: Any) -> Notes:
        return self

    column = row


def test_a_plan_says_why_it_is_cut_and_how_long_it_takes(blender):
    from movie_director.md_nodes import panels

    planned, layout = planned_film(60, 1), Notes()
    panels._draw_plan(layout, planned, told(planned))
    said = " ".join(layout.said)
    assert "60 of 60 steps to do" in said
    assert "Cut here: " in said
    assert "Unloads " in said
    assert "Waste: " in said


def test_the_memory_shows_who_holds_what_and_what_the_driver_sees(blender):
    from movie_director.md_nodes import panels

    planned, layout = planned_film(6, 1), Notes()
    state, _ = begin(planned.stages, {})
    card = Reading(
        card="GPU-0", name="RTX 0", total_bytes=32 * GIB, free_bytes=12 * GIB, told_by="driver"
    )
    panels._draw_memory(layout, allocations(planned, state, planned.to_do[:1], [card]))
    assert layout.said[0].startswith("gpu0: ")
    assert layout.said[0].endswith(" of 24.0 GiB")
    assert any("comfy0 works in " in line for line in layout.said)
    assert layout.said[-1] == "In use on the card: 20.0 GiB of 32.0 GiB"
