"""Pages of Gradio: AudioLDM 2, MusicGen, Stable Audio and Applio, as Gradio 3 is spoken to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from movie_director.core.executor import CancelFlag
from movie_director.executors._gradio import GradioServed
from movie_director.executors.applio import Applio
from movie_director.executors.audioldm2 import AudioLDM2
from movie_director.executors.musicgen import MusicGen
from movie_director.executors.stable_audio import StableAudio

from tests import served
from tests.chaos import faults
from tests.chaos.entry import Entry, Fault, Work, length, mark, marks_in
from tests.chaos.lane import Lane
from tests.chaos.patience import PATIENCE
from tests.chaos.rest import COMMON, SETUP
from tests.chaos.voices import line, spoken
from tests.servers import gradio_page
from tests.servers.gradio_page import GradioPage
from tests.servers.sounds import wav


@functools.cache
def _sound_of_length(seconds: float) -> bytes:
    return wav(seconds, 24_000)


def sound(number: int, folder: Path) -> Work:
    """An effect whose sound is as long as its number says."""
    del folder
    step = served.sound(prompt=f"footsteps, {mark(number)}", seed=number, seconds=1.0)
    return Work(step=step, seconds=length(number))


def piece(number: int, folder: Path) -> Work:
    """The same for music."""
    del folder
    step = served.music(prompt=f"a waltz, {mark(number)}", seed=number)
    return Work(step=step, seconds=length(number))


def _answered(asked: list[Any]) -> bytes:
    (found,) = marks_in([asked])
    return _sound_of_length(length(int(found.split()[1])))


def _page(make: Callable[[], GradioPage]) -> Callable[[Path], GradioPage]:
    def opened(folder: Path) -> GradioPage:
        del folder
        server = make()
        server.seconds = 0.02
        server.sounds = _answered
        return server

    return opened


def _applio(folder: Path) -> GradioPage:
    """It finds line and voice among what it was sent, or gives no sound."""
    server = _page(gradio_page.applio)(folder)

    def taken_over(asked: list[Any]) -> bytes:
        said, model = server.uploads.get(asked[6]), server.uploads.get(asked[8])
        if said is None or model is None:
            return b""
        (found,) = marks_in([said.decode("latin-1")])
        number = int(found.split()[1])
        asked.append(found)  # what is noted of it
        return spoken(number)

    server.sounds = taken_over
    return server


def _ways(server: GradioPage) -> dict[str, Any]:
    return {server.call: server._make, "*": server._file}


def _applio_ways(server: GradioPage) -> dict[str, Any]:
    return {**_ways(server), "/upload": server._upload}


def _broken(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """It says that it broke, or ends with no sound."""
    del cancel
    lane.server.fault = draw.choice(["error", "null"])


def _calm(server: GradioPage) -> None:
    server.fault = ""


def _tidy(server: GradioPage) -> None:
    server.asked.clear()
    if len(server.uploads) > 20:  # a page's own folder for what it is sent is never emptied
        for name in [*server.uploads][1:-10]:
            del server.uploads[name]
    if len(server._made) > 20:
        for name in [*server._made][:-10]:
            del server._made[name]


def _entry(
    kind: Callable[..., GradioServed],
    page: Callable[[Path], GradioPage],
    work: Callable[[int, Path], Work],
    ways: Callable[[GradioPage], dict[str, Any]] = _ways,
) -> Entry:
    return Entry(
        executor=kind.name,  # type: ignore[attr-defined]  # a class of executors
        variant="Gradio 3",
        share=0.04,
        least=3,
        makes=lambda: kind(SETUP, PATIENCE),
        server=page,
        work=work,
        given=lambda server: marks_in(server.asked_for),
        faults=(*COMMON, Fault(name="work failed", does=_broken, ends=faults.MAY_FAIL)),
        bound="it keeps nothing: what was made and lost on the way is made again",
        ways=ways,
        forget=lambda server: server.forget(),
        calm=_calm,
        tidy=_tidy,
    )


ENTRIES = (
    _entry(AudioLDM2, _page(gradio_page.audioldm2), sound),
    _entry(MusicGen, _page(gradio_page.musicgen), piece),
    _entry(StableAudio, _page(gradio_page.stable_audio), sound),
    _entry(Applio, _applio, lambda number, folder: line(number, folder, "applio"), _applio_ways),
)
