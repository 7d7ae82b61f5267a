"""What several tests of stills begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from movie_director.core.learning_file import Lessons
from movie_director.executors._finding import OFF
from movie_director.executors._service import Served
from movie_director.executors.comfyui import ComfyUI
from movie_director.studio import Studio


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[Studio]]:
    """Opens one that looks for services only where it is told to."""
    monkeypatch.delenv(OFF)
    for kind in (Served, ComfyUI):
        monkeypatch.setattr(kind, "addresses", lambda self: ())

    @contextmanager
    def opened() -> Iterator[Studio]:
        with Studio.open(cores=1) as made:
            made.lessons = Lessons()
            yield made

    return opened
