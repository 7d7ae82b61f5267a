"""Real Gradio apps in processes of their own, behind a relay that loses what goes through it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

from movie_director.core.executor import CancelFlag
from movie_director.core.patience import Operation, Patience
from movie_director.executors._gradio import GradioServed
from movie_director.executors.applio import Applio
from movie_director.executors.audioldm2 import AudioLDM2
from movie_director.executors.musicgen import MusicGen
from movie_director.executors.stable_audio import StableAudio

from tests.chaos import faults
from tests.chaos.entry import Beside, Entry, Fault, Work, length, marks_in
from tests.chaos.lane import Lane
from tests.chaos.pages import piece, sound
from tests.chaos.rest import SETUP
from tests.chaos.voices import line
from tests.servers.gradio_app import GradioPlace
from tests.servers.relay import Bad
from tests.servers.sounds import wav

SERVERS = os.environ.get("MOVIE_DIRECTOR_SERVERS", "")
HELPER = os.environ.get("MOVIE_DIRECTOR_HELPER", "")
#: A real app on a busy machine takes its time.
PATIENT = Patience(
    seconds={**dict.fromkeys(Operation, 20.0), Operation.VIDEO: 60.0}, connect=5.0, attempts=2,
    first_pause=0.01,
)  # fmt: skip
#: Connections that one piece of work takes, about.
_MOST_BEFORE = 8
_SECONDS = 0.2


def _cut(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """One connection is cut, somewhere in its answer."""
    del cancel
    before = [Bad()] * draw.randrange(_MOST_BEFORE)
    lane.server.relay.next(*before, Bad(cut_after=draw.choice([1, 20, 200, 1000, 5000])))


def _refused(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    """One connection ends before anything has come."""
    del cancel
    before = [Bad()] * draw.randrange(_MOST_BEFORE)
    lane.server.relay.next(*before, Bad(cut_after=0))


def _delayed(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del cancel
    lane.server.relay.next(*(Bad(delay=draw.uniform(0.0, 0.3)) for _ in range(_MOST_BEFORE)))


def _hung_up(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside:
    """All connections are cut at some moment: the work goes on there."""
    del cancel
    at, over = draw.uniform(0.0, 0.6), threading.Event()

    def beside() -> None:
        over.wait(at)
        lane.server.relay.hang_up()

    return beside


def _broken(lane: Lane, draw: Random, cancel: CancelFlag) -> None:
    del cancel
    lane.server.app.set(fault=draw.choice(["error", "exception", "null"]))


def _long(lane: Lane, draw: Random, cancel: CancelFlag) -> Beside | None:
    """Long work is given up, and goes on there where it cannot be stopped."""
    lane.server.app.set(seconds=1.0)
    return faults.given_up(lane, draw, cancel)


FAULTS = (
    faults.NONE,
    Fault(name="given up", does=_long, ends=frozenset({"Cancelled"})),
    Fault(name="cut", does=_cut, ends=faults.MAY_FAIL, strikes=2, weight=3.0),
    Fault(name="refused", does=_refused, strikes=2, weight=2.0),
    Fault(name="delayed", does=_delayed, strikes=0),
    Fault(name="hung up", does=_hung_up, strikes=2, weight=2.0),
    Fault(name="frozen", does=faults.freezes, strikes=2, weight=2.0),
    Fault(name="work failed", does=_broken, ends=faults.MAY_FAIL),
    # Seconds each time, to start.
    Fault(name="killed", does=faults.dies, strikes=2, weight=0.3),
)


def _opened(kind: str) -> Callable[[Path], GradioPlace]:
    def opened(folder: Path) -> GradioPlace:
        folder.mkdir()
        for number in range(40):
            (folder / f"{number}.wav").write_bytes(wav(length(number), 24_000))
        return GradioPlace(SERVERS, kind, folder, str(folder / "#.wav"))

    return opened


def _calm(server: GradioPlace) -> None:
    server.relay.next()
    server.app.set(fault="", seconds=_SECONDS)


def _missing() -> str:
    if SERVERS and HELPER:
        return ""
    return "MOVIE_DIRECTOR_SERVERS and MOVIE_DIRECTOR_HELPER name no Pythons with Gradio"


def _entry(
    kind: Callable[..., GradioServed], work: Callable[[int, Path], Work], *, long: bool = True
) -> Entry:
    name: str = kind.name  # type: ignore[attr-defined]  # a class of executors
    return Entry(
        executor=name,
        variant="Gradio 6",
        share=0.01,
        least=4,
        long=long,
        makes=lambda: kind(SETUP, PATIENT),
        server=_opened(name),
        work=work,
        given=lambda server: marks_in(server.asked_for),
        faults=FAULTS,
        bound="a call is known by its connection alone: cut off, it goes on there and is made again",
        calm=_calm,
        missing=_missing,
    )


ENTRIES = (
    _entry(MusicGen, piece, long=False),
    _entry(AudioLDM2, sound),
    _entry(StableAudio, sound),
    _entry(Applio, lambda number, folder: line(number, folder, "applio")),
)
