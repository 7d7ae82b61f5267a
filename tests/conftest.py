"""Names the checkout ``movie_director``, whatever its folder is called."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

if "movie_director" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "movie_director", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["movie_director"] = module
    spec.loader.exec_module(module)
