"""With nothing settled: the real kinds of service at their usual places are found and used at once."""

from __future__ import annotations

import pathlib
import sys
import time
from contextlib import ExitStack

from movie_director.core.service_state import State
from movie_director.executors._finding import OFF
from movie_director.executors._service import Served
from movie_director.executors.ace_step import AceStep
from movie_director.executors.comfyui import ComfyUI
from movie_director.executors.language import Language
from movie_director.executors.wan2gp import Wan2GP
from movie_director.studio import Studio

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.ace_step import AceStepServer
from servers.comfyui import ComfyServer
from servers.language import LanguageServer
from servers.misbehaving import Misbehaving, Silent
from servers.wan2gp import Wan2GPServer


def test_all_are_found_by_what_they_are_within_five_seconds_also_among_silent_ports(
    monkeypatch,
) -> None:
    """Row 9.  The servers' own ports stand for the usual ones, which may be taken here."""
    monkeypatch.delenv(OFF, raising=False)
    with ExitStack() as stack:
        comfyui, wan2gp, writer, music, silent, stranger = (
            stack.enter_context(make())
            for make in (
                ComfyServer, Wan2GPServer, LanguageServer, AceStepServer, Silent, Misbehaving,
            )
        )  # fmt: skip
        # Each kind looks where the others are, too: what answers decides.
        places = tuple(each.url for each in (silent, stranger, music, writer, wan2gp, comfyui))
        for kind in (Served, ComfyUI, Wan2GP, Language, AceStep):
            monkeypatch.setattr(kind, "addresses", lambda self: places)
        studio = stack.enter_context(Studio.open(cores=1))
        began = time.monotonic()
        studio.finder.start()
        studio.refresh(5.0)
        took = time.monotonic() - began
        found = {service.executor: service.address for service in studio.services}
        states = {address: each.state for address, each in studio.seen.places.items()}
    assert found.items() >= {
        "comfyui": comfyui.url, "wan2gp": wan2gp.url, "language": writer.url, "ace_step": music.url,
    }.items()  # fmt: skip
    assert took < 5.5
    assert states[comfyui.url] is State.READY
    assert states[silent.url] is not State.READY
    assert states[stranger.url] is not State.READY
