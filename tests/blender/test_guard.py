"""Whoever touches Blender off its own thread is caught while the tests run."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.timeout(120)]
bpy = pytest.importorskip("bpy")


def aside(do: Callable[[], object]) -> BaseException | None:
    """What ``do`` raises on a thread of its own."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="md-somebody")
    thread.start()
    thread.join(10)
    return raised[0] if raised else None


def test_blender_touched_on_another_thread_is_caught(blender):
    from movie_director.md_nodes import guard

    error = aside(lambda: bpy.data.scenes)
    assert isinstance(error, guard.OffMainThread)
    assert guard.caught == ["bpy.data was touched on the thread 'md-somebody'"]
    guard.caught.clear()
    assert len(bpy.data.scenes) == 1, "on its own thread it is as ever"


def test_our_room_called_from_another_thread_is_caught_before_it_touches_anything(blender):
    from movie_director.md_nodes import guard, status

    assert isinstance(aside(lambda: status.of(1, "shot")), guard.OffMainThread)
    assert guard.caught == [
        "movie_director.md_nodes.status.of was touched on the thread 'md-somebody'"
    ]
    guard.caught.clear()


def test_it_is_off_unless_it_is_asked_for(blender, monkeypatch):
    from movie_director import md_nodes
    from movie_director.md_nodes import guard, status

    md_nodes.unregister()
    monkeypatch.delenv(guard.SWITCH)
    md_nodes.register()
    assert aside(lambda: (bpy.data.scenes, status.of(1, "shot"))) is None
    md_nodes.unregister()
    monkeypatch.setenv(guard.SWITCH, "on")
    md_nodes.register()
