"""A real Blender window as a stage: act through its interface, wait, look, take pictures.

Used inside Blender by the scenarios beside this file (``play.py`` runs them).  A
scenario is a generator: it yields the seconds until it wants to go on, so Blender
draws and handles events in between.

    def scenario(stage):
        stage.press("F3")
        yield from stage.until(lambda: ..., "the search box is open")
        yield from stage.shot("search")

Mouse and keys are Blender's own simulated events: they go through its event queue,
its keymaps and its buttons like a person's, on every system.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import bpy

Wait = Iterator[float]
OUT = pathlib.Path(os.environ["BLENDER_GUI_OUT"])
MODULE = "bl_ext.user_default.movie_director"


class SceneFailed(AssertionError):
    """What was to be seen on the stage was not."""


class Stage:
    """The window, for one scenario.  ``arguments``: what the command line gave it."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.x, self.y = 10, 10

    @property
    def window(self):
        """The first window, asked for anew: opening a file makes another one."""
        return bpy.context.window_manager.windows[0]

    # --- waiting ------------------------------------------------------------------

    def until(self, true: Callable[[], object], what: str, seconds: float = 20.0) -> Wait:
        """Wait for ``true()``; fail after ``seconds``, naming ``what`` never came."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise SceneFailed(f"After {seconds:g} s still not so: {what}")
            yield 0.05

    def settle(self, seconds: float = 0.4) -> Wait:
        """Let Blender draw a few times."""
        self.redraw()
        yield seconds

    def redraw(self) -> None:
        for area in self.window.screen.areas:
            area.tag_redraw()

    def check(self, true: object, what: str) -> None:
        """Fail the scenario unless ``true``."""
        if not true:
            raise SceneFailed(f"Not so: {what}")

    # --- hands --------------------------------------------------------------------

    def press(self, key: str, **modifiers: bool) -> None:
        """One key, pressed and released; ``ctrl``, ``shift`` and ``alt`` may be True."""
        for value in ("PRESS", "RELEASE"):
            self.window.event_simulate(type=key, value=value, **modifiers, **self.mouse())

    def write(self, text: str) -> None:
        """Type ``text`` (ASCII) into whatever has the keyboard."""
        names = {" ": "SPACE", ".": "PERIOD", "_": "MINUS", "-": "MINUS", "/": "SLASH"}
        digits = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
        for sign in text:
            key = digits[int(sign)] if sign.isdigit() else names.get(sign, sign.upper())
            self.window.event_simulate(type=key, value="PRESS", unicode=sign, **self.mouse())
            self.window.event_simulate(type=key, value="RELEASE", **self.mouse())

    def mouse(self) -> dict[str, int]:
        """Where the mouse is: ``x`` and ``y`` in window pixels from the lower left."""
        return {"x": self.x, "y": self.y}

    def hover(self, area, region_type: str = "WINDOW") -> Wait:
        """Put the mouse into the middle of a region: keys go to what is under the mouse."""
        region = self.region(area, region_type)
        yield from self.move(region.x + region.width / 2, region.y + region.height / 2)

    def move(self, x: float, y: float) -> Wait:
        """Put the mouse at a window position; buttons there take notice."""
        self.x, self.y = int(x), int(y)
        self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", **self.mouse())
        yield 0.02
        self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", **self.mouse())
        yield 0.02

    def click(self, x: float, y: float, button: str = "LEFTMOUSE") -> Wait:
        """Press and release a mouse button at a window position."""
        yield from self.move(x, y)
        self.window.event_simulate(type=button, value="PRESS", **self.mouse())
        yield 0.05
        self.window.event_simulate(type=button, value="RELEASE", **self.mouse())
        yield 0.1

    def find_button(self, area, operator: str, region_type: str = "WINDOW", column: float = 0.5):
        """Sweep the mouse over a region until the button of ``operator`` lies under it.

        ``operator`` is a ``bl_idname`` such as ``movie_director.evaluate``.  The sweep
        goes down the region at ``column`` (how far across, 0 to 1), in a header along
        it.  Yields like any wait and returns the button's window position; fails when
        there is none.
        """
        region = self.region(area, region_type)
        if "HEADER" in region_type:
            y = region.y + region.height // 2
            places = [(x, y) for x in range(region.x + 4, region.x + region.width, 10)]
        else:
            x = region.x + int(region.width * column)
            places = [(x, y) for y in range(region.y + region.height - 4, region.y, -8)]
        for place in places:
            yield from self.move(*place)
            if self.under_mouse(area, region) == operator:
                return place
        raise SceneFailed(f"No button of {operator} in {area.type} {region_type} at {column:.2f}")

    def under_mouse(self, area, region) -> str:
        """The ``bl_idname`` of the operator whose button the mouse has lit in ``region``, or ""."""
        copy = bpy.ops.ui.copy_python_command_button  # what Ctrl-C does over a button
        with bpy.context.temp_override(window=self.window, area=area, region=region):
            if not copy.poll() or copy() != {"FINISHED"}:
                return ""
        found = re.match(r"bpy\.ops\.(\w+\.\w+)\(", bpy.context.window_manager.clipboard)
        return found[1] if found else ""

    def press_button(self, area, operator: str, region_type="WINDOW", column=0.5) -> Wait:
        """Find the button of ``operator`` and click it, as a person would."""
        x, y = yield from self.find_button(area, operator, region_type, column)
        yield from self.click(x, y)

    # --- the window -----------------------------------------------------------------

    def area(self, kind: str):
        """The largest area of a type, such as ``NODE_EDITOR``; fails when there is none."""
        found = [area for area in self.window.screen.areas if area.type == kind]
        if not found:
            raise SceneFailed(f"No {kind} on the screen")
        return max(found, key=lambda area: area.width * area.height)

    def region(self, area, kind: str):
        """The region of a type (``WINDOW``, ``UI``, ``HEADER``) of an area."""
        return next(region for region in area.regions if region.type == kind)

    def turn_into(self, area, ui_type: str) -> None:
        """Give an area another editor: ``SEQUENCE_EDITOR`` or a tree type's ``bl_idname``."""
        area.ui_type = ui_type

    def maximise(self, area) -> Wait:
        """Give an area the whole window; returns it, for it has become another one."""
        kind = area.ui_type
        with self.in_area(area):
            bpy.ops.screen.screen_full_area()
        yield from self.settle()
        return self.of_kind(kind)

    def restore(self, kind: str) -> Wait:
        """Undo ``maximise``; returns the area of that type."""
        with self.in_area(self.of_kind(kind)):
            bpy.ops.screen.screen_full_area()
        yield from self.settle()
        return self.of_kind(kind)

    def of_kind(self, ui_type: str):
        """The first area of a kind as its menu names it, such as a tree type's ``bl_idname``."""
        return next(area for area in self.window.screen.areas if area.ui_type == ui_type)

    def show_sidebar(self, area, tab: str) -> Wait:
        """Open an area's sidebar on one of its tabs."""
        area.spaces.active.show_region_ui = True
        yield from self.settle()
        self.region(area, "UI").active_panel_category = tab
        yield from self.settle()

    def in_area(self, area, region_type: str = "WINDOW"):
        """A context in which operators act as if called from ``area``."""
        region = self.region(area, region_type)
        return bpy.context.temp_override(window=self.window, area=area, region=region)

    def node_position(self, area, node) -> tuple[float, float]:
        """Where the upper left corner of a node is, in window pixels."""
        region = self.region(area, "WINDOW")
        scale = bpy.context.preferences.system.ui_scale
        place = getattr(node, "location_absolute", node.location)
        x, y = region.view2d.view_to_region(place.x * scale, place.y * scale, clip=False)
        return region.x + x, region.y + y

    # --- eyes -------------------------------------------------------------------------

    def shot(self, name: str) -> Wait:
        """Take a picture of the screen, ``NAME.png`` among the results."""
        yield from self.settle()
        take_picture(name)
        yield 0.05

    # --- the extension ------------------------------------------------------------------

    def install(self, archive: str) -> None:
        """Install the extension's zip from a file and switch it on."""
        bpy.ops.extensions.package_install_files(
            filepath=archive, repo="user_default", enable_on_install=True
        )
        self.check(MODULE in bpy.context.preferences.addons, "the extension is switched on")


def take_picture(name: str) -> None:
    """``shot`` grabs the whole X screen; elsewhere Blender draws its own window."""
    if shutil.which("shot"):
        subprocess.run(["shot", name], check=True, timeout=30)
    else:
        bpy.ops.screen.screenshot(filepath=str(OUT / f"{name}.png"))


def arguments() -> list[str]:
    """What stands after ``--`` on Blender's command line."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
