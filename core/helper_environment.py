# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that has the libraries which Blender's must not load: LiteLLM and the like.

They lie in an environment of their own, made on a person's yes by ``services install libraries``
from exact pins; other pins are another environment, so an update never mixes two.
``MOVIE_DIRECTOR_HELPER`` names the Python of another one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .database import user_data_folder
from .digest import text_digest
from .errors import MissingLibrary

__all__ = [
    "DONE_FILE",
    "LIBRARIES",
    "VARIABLE",
    "helper_home",
    "helper_python",
    "home_names",
    "pinned_libraries",
]

VARIABLE = "MOVIE_DIRECTOR_HELPER"
#: What the environment is called among the things that can be installed.
LIBRARIES = "libraries"
#: In the folder of an installation whose every step was done; holds their marks.
DONE_FILE = ".movie-director-installed.json"
_PINS = Path(__file__).resolve().parent.parent / "requirements"
_INSTALL = f"Install them with: movie-director services install {LIBRARIES}"


def pinned_libraries() -> Path:
    """The file that pins the libraries for this Python; it need not be there."""
    return _PINS / "helper-{}.{}.txt".format(*sys.version_info[:2])


def helper_home() -> Path:
    """The folder of this Python's environment with these pins; it need not be there."""
    return user_data_folder() / "movie-director" / LIBRARIES / _name(pinned_libraries())


def home_names() -> frozenset[str]:
    """The names that this version gives environments, one for each Python that it has pins for."""
    pins = {*_PINS.glob("helper-*.txt"), pinned_libraries()}
    return frozenset(_name(path) for path in pins)


def helper_python() -> Path:
    """The environment's Python.

    Raises:
        MissingLibrary: the libraries are not installed, or not to the end.
    """
    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        return _installed()
    python = Path(named)
    if not python.is_file():
        raise MissingLibrary(
            f"The environment variable {VARIABLE} names '{named}', which is no Python.",
            remedy=f"Correct it, or remove it. {_INSTALL}.",
        )
    return python


def _name(pins: Path) -> str:
    """What the environment with some pins is called: its Python and a digest."""
    try:
        text = pins.read_text(encoding="utf-8")
    except OSError:
        text = ""  # of a Python that nothing is pinned for: installing says so
    return f"{pins.stem.removeprefix('helper-')}-{text_digest(text)[:8]}"


def _installed() -> Path:
    home = helper_home()
    scripts = home / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    # The note is written when the last step ended well: without it, the first may be all there is.
    if not (python.is_file() and (home / DONE_FILE).is_file()):
        raise MissingLibrary(
            "The libraries for language models, Gradio services and the keyring are not installed.",
            remedy=f"{_INSTALL}.",
        )
    return python
