"""Names the checkout ``movie_director``; gives each test a data folder of its own."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

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

_NUMBERS = itertools.count()
_HOMES = pathlib.Path(tempfile.gettempdir()) / f"movie-director-tests-{os.getpid()}"


@pytest.fixture(autouse=True)
def own_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test teaches stays with it, and nothing is left in a person's own folders."""
    folder = str(_HOMES / str(next(_NUMBERS)))
    monkeypatch.setenv("XDG_DATA_HOME", folder)
    monkeypatch.setenv("LOCALAPPDATA", folder)
    # No test asks the keyring of whoever runs it.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    # A service that happens to run on this machine is no part of any test.
    monkeypatch.setenv("MOVIE_DIRECTOR_SERVICES", "off")


def pytest_sessionfinish() -> None:
    shutil.rmtree(_HOMES, ignore_errors=True)
