# SPDX-License-Identifier: GPL-3.0-or-later
"""How to open what was made, as one would type it on this system.

A command is only told where it works: a program that is not found by its name is
told by its path, or in words.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .progress import near_path

__all__ = ["blender_words", "closing_words", "open_words", "own_command", "quoted"]

#: The program of a command by its name, as ``shutil.which`` finds it.
Which = Callable[[str], str | None]
#: The name the command is installed under.
OWN_NAME = "movie-director"

#: What a file of the film is, by its name, in the order they are told.
_WHAT = {
    "film.mp4": "the film",
    "film.blend": "the node tree and the sequencer",
    "film.otio": "the cut, for an editing program",
    "film.srt": "the subtitles",
    "storyboard.pdf": "the storyboard",
}


def own_command(which: Which = shutil.which, python: str = sys.executable) -> str:
    """What runs this very program from here: its name, its path, or its Python's ``-m``."""
    found = which(OWN_NAME)
    ending = ".exe" if os.name == "nt" else ""
    script = Path(python).with_name(OWN_NAME + ending)
    if not script.is_file():
        return OWN_NAME if found else f"{quoted(python)} -m movie_director"
    if found and script.samefile(found):
        return OWN_NAME
    return quoted(near_path(script))


def open_words(path: Path, platform: str = sys.platform, which: Which = shutil.which) -> str:
    """The command that opens ``path`` with whatever the system opens such files with."""
    name = quoted(near_path(path), platform)
    if platform == "win32":
        return f'start "" {name}'
    opener = "open" if platform == "darwin" else "xdg-open"
    return f"{opener} {name}" if which(opener) else f"open {name} in any video player"


def blender_words(path: Path, platform: str = sys.platform, which: Which = shutil.which) -> str:
    """The command that opens a .blend in Blender."""
    name = quoted(near_path(path), platform)
    if platform == "darwin":
        return f"open -a Blender {name}"
    return f"blender {name}" if which("blender") else f"open {name} in Blender"


def quoted(text: str, platform: str = sys.platform) -> str:
    """``text`` as one word of a command line."""
    return subprocess.list2cmdline([text]) if platform == "win32" else shlex.quote(text)


def closing_words(files: Mapping[str, Path], folder: Path, program: str) -> Iterator[str]:
    """What lies where, and how to open it; a blank line first.  ``program`` runs this command."""
    blend = next((name for name in files if name.endswith(".blend")), "")
    known = sorted(files, key=lambda name: list(_WHAT).index(_known(name)))
    wide = max((len(near_path(files[name])) for name in known), default=0)
    yield ""
    for name in known:
        yield f"{near_path(files[name]):<{wide}}  {_WHAT[_known(name)]}"
    yield f"{near_path(folder)}: one clip a shot, one recording a line, what made each beside it"
    yield ""
    if "film.mp4" in files:
        yield f"watch it:       {open_words(files['film.mp4'])}"
    if blend:
        yield f"change it:      {blender_words(files[blend])}"
        again = quoted(near_path(files[blend]))
        yield f"evaluate again: {program} evaluate {again}"


def _known(name: str) -> str:
    """The usual name of what may be called ``film_2.blend`` or, on Output two, ``film_2.mp4``."""
    same = (usual for usual in _WHAT if Path(usual).suffix == Path(name).suffix)
    return next(same, "film.mp4")
