# SPDX-License-Identifier: GPL-3.0-or-later
"""How to open what was made, as one would type it on this system."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .progress import near_path

__all__ = ["closing_words", "open_command", "quoted"]

#: What a file of the film is, by its name, in the order they are told.
_WHAT = {
    "film.mp4": "the film",
    "film.blend": "the node tree and the sequencer",
    "film.otio": "the cut, for an editing program",
    "film.srt": "the subtitles",
    "storyboard.pdf": "the storyboard",
}


def open_command(path: Path, platform: str = sys.platform) -> str:
    """The command that opens ``path`` with whatever the system opens such files with."""
    name = quoted(near_path(path), platform)
    if platform == "win32":
        return f'start "" {name}'
    return f"{'open' if platform == 'darwin' else 'xdg-open'} {name}"


def blender_command(path: Path, platform: str = sys.platform) -> str:
    """The command that opens a .blend in Blender."""
    name = quoted(near_path(path), platform)
    if platform == "darwin":
        return f"open -a Blender {name}"
    return f"blender {name}"


def quoted(text: str, platform: str = sys.platform) -> str:
    """``text`` as one word of a command line."""
    return subprocess.list2cmdline([text]) if platform == "win32" else shlex.quote(text)


def closing_words(files: Mapping[str, Path], folder: Path) -> Iterator[str]:
    """What lies where, and how to open it; a blank line first."""
    blend = next((name for name in files if name.endswith(".blend")), "")
    known = sorted(files, key=lambda name: list(_WHAT).index(_known(name)))
    wide = max((len(near_path(files[name])) for name in known), default=0)
    yield ""
    for name in known:
        yield f"{near_path(files[name]):<{wide}}  {_WHAT[_known(name)]}"
    yield f"{near_path(folder)}: one clip a shot, one recording a line, what made each beside it"
    yield ""
    if "film.mp4" in files:
        yield f"watch it:       {open_command(files['film.mp4'])}"
    if blend:
        yield f"change it:      {blender_command(files[blend])}"
        again = quoted(near_path(files[blend]))
        yield f"evaluate again: movie-director evaluate {again}"


def _known(name: str) -> str:
    """The usual name of what may be called ``film_2.blend`` or, on Output two, ``film_2.mp4``."""
    same = (usual for usual in _WHAT if Path(usual).suffix == Path(name).suffix)
    return next(same, "film.mp4")
