# SPDX-License-Identifier: GPL-3.0-or-later
"""What to install when a library of ours cannot be loaded.

Libraries are imported where they are used, as Python asks; this says in our words
what an ``ImportError`` from there means.  Which versions fit is pinned elsewhere.
"""

from __future__ import annotations

from .errors import MissingLibrary

__all__ = ["missing_library"]

#: The name a library is installed by, by the name it is imported by.
_INSTALLED_BY = {
    "av": "av",
    "comfyui_workflow_templates_json": "comfyui-workflow-templates-json",
    "espeakng_loader": "espeakng-loader",
    "fontTools": "fonttools",
    "freetype": "freetype-py",
    "numpy": "numpy",
    "pydyf": "pydyf",
    "pymupdf_fonts": "pymupdf-fonts",
    "pynvml": "nvidia-ml-py",
    "requests": "requests",
    "ruamel": "ruamel.yaml",
    "websocket": "websocket-client",
}


def missing_library(error: ImportError) -> MissingLibrary | None:
    """``error`` as ours when it is about a library we need; None when it is about our own code."""
    package = _INSTALLED_BY.get((error.name or "").partition(".")[0])
    if package is None:
        return None
    return MissingLibrary(
        f"The library '{package}' could not be loaded ({error}).",
        remedy=f"Install it with: pip install {package}",
    )
