"""What several rooms' tests share."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
from types import ModuleType
from typing import Any

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent


def load_fake(name: str) -> ModuleType:
    """A module of ``tests`` that holds fakes."""
    key = f"movie_director_fakes_{name}"
    if key not in sys.modules:
        spec = importlib.util.spec_from_file_location(key, TESTS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[key] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An executor that makes everything at once; every studio opened meanwhile has only it."""
    fakes = load_fake("instant")
    executor = fakes.Instant()
    opened = classmethod(lambda cls, **_: fakes.instant_studio(executor))
    monkeypatch.setattr("movie_director.studio.Studio.open", opened)
    return executor
