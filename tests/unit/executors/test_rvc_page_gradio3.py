"""RVC's web page as Gradio 3.14 serves it: a real page, with no model behind it."""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.compile import Files
from movie_director.core.executor import CancelFlag, Cancelled, Event, Finished, Progressed, Setup
from movie_director.core.step import VOICE_CONVERSION, VOICE_TRAINING, Step
from movie_director.executors.rvc_page import RvcPage

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from servers.sounds import wav

PAGE = pathlib.Path(__file__).parent.parent.parent / "servers" / "rvc_page_app.py"
GRADIO3 = os.environ.get("MOVIE_DIRECTOR_GRADIO3", "")
pytestmark = pytest.mark.skipif(
    not os.path.isfile(GRADIO3), reason="MOVIE_DIRECTOR_GRADIO3 names no Python with Gradio 3"
)


@pytest.fixture
def page(tmp_path: pathlib.Path) -> Iterator[str]:
    """Its address; its folder is ``tmp_path``/page."""
    folder = tmp_path / "page"
    folder.mkdir()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    app = [GRADIO3, str(PAGE), str(port)]
    quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONWARNINGS": "ignore"}
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            app, cwd=folder, env={**os.environ, **quiet}, stdout=said, stderr=said
        )
        ends = time.monotonic() + 60.0
        while not _listens(port):
            assert process.poll() is None, (tmp_path / "said.txt").read_text()
            assert time.monotonic() < ends, "the page did not come up"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.kill()
        process.wait(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def rvc() -> Iterator[RvcPage]:
    made = RvcPage(Setup(cores=1, memory_bytes=2**30))
    yield made
    made.close()


def do(rvc: RvcPage, page: str, step: Step, folder: pathlib.Path, **named: Any) -> list[Event]:
    return served.do(rvc, page, step, folder, backend={"service": "rvc"}, **named)


def test_a_voice_is_given_up_then_learned_then_speaks(rvc, page, tmp_path) -> None:
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "take.wav").write_bytes(wav(18.0, 24_000, bursts=40))

    def work(epochs: int) -> Step:
        inputs = {"recordings": Files(tmp_path)("anna/"), "epochs": epochs}
        return served.step(VOICE_TRAINING, inputs, ".zip")

    cancel = CancelFlag()

    def heard(event: Event) -> None:
        if isinstance(event, Progressed) and "epoch 2 " in event.note:
            cancel.set()

    given_up = do(rvc, page, work(900), tmp_path / "0", cancel=cancel, heard=heard)
    assert isinstance(given_up[-1], Cancelled)
    learned = do(rvc, page, work(3), tmp_path / "1")
    assert isinstance(learned[-1], Finished), learned[-1]
    made = served.produced(learned)
    assert (made.facts["trained"], made.facts["epochs"], made.facts["version"]) == (True, 3, "v2")
    assert "learning, epoch 3 of 3" in [e.note for e in learned if isinstance(e, Progressed)]

    (tmp_path / "line.wav").write_bytes(wav(1.5, 48_000))
    line, first = served.artifact(
        "line:speech", tmp_path / "line.wav", seconds=1.5, marks=[[0.0, "_"]], words=[],
        language="en", fits=True,
    )  # fmt: skip
    voice, second = served.artifact("anna:voice_training", made.path, **made.facts)
    given = {"model": voice, "index": None, "index_rate": 0.5, "pitch": 0.0}
    step = served.step(VOICE_CONVERSION, {"speech": line, "voice": given})
    said = do(rvc, page, step, tmp_path / "2", made={**first, **second})
    assert isinstance(said[-1], Finished), said[-1]
    result = served.produced(said)
    assert (result.facts["converted"], result.recipe["compared"]) == (True, True)
    assert result.facts["seconds"] == pytest.approx(1.5, abs=0.01)
