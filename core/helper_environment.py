# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that has the libraries which Blender's must not load: LiteLLM and the like.

They lie in an environment of their own, made on a person's yes; ``MOVIE_DIRECTOR_HELPER`` names
the Python of another one.
"""

from __future__ import annotations

import os
from pathlib import Path

from .errors import MissingLibrary

__all__ = ["VARIABLE", "helper_python"]

VARIABLE = "MOVIE_DIRECTOR_HELPER"
_INSTALL = "Install them with: movie-director services install libraries"


def helper_python() -> Path:
    """The environment's Python.

    Raises:
        MissingLibrary: the libraries are not installed.
    """
    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        raise MissingLibrary(
            "The libraries for language models, Gradio services and the keyring are not installed.",
            remedy=f"{_INSTALL}.",
        )
    python = Path(named)
    if not python.is_file():
        raise MissingLibrary(
            f"The environment variable {VARIABLE} names '{named}', which is no Python.",
            remedy=f"Correct it, or remove it. {_INSTALL}.",
        )
    return python
