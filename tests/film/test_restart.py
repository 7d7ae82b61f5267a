"""A server that is started again in the middle of a film: its work waits for it, and that is told."""

from __future__ import annotations

import pathlib
import sys
import threading

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.step import Fidelity
from movie_director.executors._finding import OFF
from movie_director.executors._service import Served
from movie_director.executors.comfyui import ComfyUI

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.misbehaving import Line, Request
from servers.speech import SpeechServer

from tests.film.test_voices import film

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
#: Seconds until it is up again: enough that waiting for it is told.
AWAY_S = 4.0


class Restarted(SpeechServer):
    """Dies while it speaks the first line, and is started again after a while."""

    def __init__(self) -> None:
        self.dead, self.enough = threading.Event(), threading.Event()
        super().__init__()
        self.on("/v1/audio/speech", self._die, self.speak)
        self.nurse = threading.Thread(target=self._restart, daemon=True)
        self.nurse.start()

    def _die(self, request: Request, line: Line) -> None:
        del request
        self.dead.set()
        line.over.wait()
        line.keep = False

    def _restart(self) -> None:
        self.dead.wait()
        self.close()
        self.enough.wait(AWAY_S)
        self.open()


def test_no_line_is_spoken_by_another(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv(OFF, raising=False)
    for kind in (Served, ComfyUI):  # what happens to run on this machine makes no film here
        monkeypatch.setattr(kind, "addresses", lambda self: ())
    notes: list[str] = []
    with Restarted() as server:
        service_file.change(lambda known: known.with_place(server.url))
        result = api.evaluate(
            film(), tmp_path, base=tmp_path, on_change=lambda change: notes.append(change.note)
        )
        server.enough.set()
        server.nurse.join(60.0)
    assert result.ok, result.errors
    lines = {id: made for id, made in result.artifacts.items() if id.endswith(":speech")}
    assert len(lines) == len(server.said) == 3
    assert {made.fidelity for made in lines.values()} == {Fidelity.FULL}
    assert any("to come back, 8" in note and note.endswith(" s more") for note in notes), notes
