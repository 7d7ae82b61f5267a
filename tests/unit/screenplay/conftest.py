"""The scripts these tests share, as fixtures."""

from __future__ import annotations

import importlib.util
import pathlib
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def scripts() -> ModuleType:
    """The module ``scripts`` beside this file: paths and made-up features."""
    path = pathlib.Path(__file__).with_name("scripts.py")
    spec = importlib.util.spec_from_file_location("movie_director_screenplay_scripts", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def last_train(scripts: ModuleType) -> str:
    """The first example every user sees."""
    text: str = (scripts.EXAMPLES / "last_train.fountain").read_text(encoding="utf-8")
    return text
