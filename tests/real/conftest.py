"""What tests at real servers share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from movie_director.core import service_file
from movie_director.core.service_file import Services
from movie_director.executors.comfyui import PORTS


@pytest.fixture
def only_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has films made at that ComfyUI alone, whoever else runs at the usual ports."""

    def settle(url: str) -> None:
        def settled(known: Services) -> Services:
            for port in PORTS:
                known = known.without(f"http://127.0.0.1:{port}")
            return known.with_place(url, elsewhere=False)

        monkeypatch.delenv("MOVIE_DIRECTOR_SERVICES")
        service_file.change(settled)

    return settle
