# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove one ComfyUI server from end to end with work that needs no model.

Each check does what a film would: sends, follows, cancels, fetches, and judges what came.  Only
prompts of our own are touched; what a check could not find out is said as such and is no failure.
The same way a film's work goes is used throughout, so what works here works there.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import MovieDirectorError, ServiceError, StepFailed
from ...core.executor import CancelFlag
from ...core.workflow_library import WorkflowLibrary
from .._http import Stopped
from .follow import Follow, Pace
from .inject import fill
from .jobs import Ended, Nowhere, failure
from .line import Line
from .outputs import best_of, files_of
from .proof_graphs import loaded, long_work
from .server import Server, Stats
from .templates import base_prompt
from .wire import Preview

__all__ = ["Checked", "prove"]

#: How files of the kinds begin that the test workflows make: bytes at a place.
_BEGINS: Mapping[str, tuple[int, bytes]] = {
    ".png": (0, b"\x89PNG\r\n\x1a\n"), ".mp4": (4, b"ftyp"), ".flac": (0, b"fLaC"),
    ".webm": (0, b"\x1aE\xdf\xa3"), ".wav": (0, b"RIFF"),
}  # fmt: skip
_MOST = 64 * 2**20
#: Seconds that a prompt of ours may take to come to its turn before it is cancelled again.
_TURN_S = 60.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was tried.  ``works`` is None where it could not be found out, for the
    reason in ``note``; ``remedy`` says what to do where it does not work."""

    name: str
    works: bool | None
    note: str = ""
    remedy: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class _Trial:
    """What the checks share.  One thread's."""

    server: Server
    line: Line
    folder: Path
    cancel: CancelFlag
    pace: Pace
    library: WorkflowLibrary
    colour: int
    stats: Stats | None = None
    ours: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    moves: int = 0
    previews: int = 0
    picture: Path | None = None  #: the first that was made


class _Unknown(Exception):
    """A check could not find out what it was to find out."""


def prove(
    server: Server, folder: Path, cancel: CancelFlag, *, pace: Pace | None = None, seed: int = 0
) -> Iterator[Checked]:
    """Each check as it is done; ends early where nothing answers.

    ``folder`` is empty and takes what is fetched.  ``seed`` 0 draws colours nobody used, so that
    the server has nothing of them yet.

    Raises:
        Stopped: ``cancel`` was set; what was sent has been cancelled.
    """
    draw = random.Random(seed or None)
    trial = _Trial(
        server=server, line=Line(server.address, server.headers), folder=folder, cancel=cancel,
        pace=pace or Pace(), library=WorkflowLibrary.open(), colour=draw.randrange(1, 2**24),
    )  # fmt: skip
    try:
        for name, check in _CHECKS:
            if cancel.is_set():
                raise Stopped
            found = _checked(name, check, trial)
            yield found
            if check is _answers and not found.works:
                return
    finally:
        for prompt in trial.ours:  # nothing, unless a check broke off
            _gone(trial, prompt)
        trial.line.close()


def _checked(name: str, check: Callable[[_Trial], str], trial: _Trial) -> Checked:
    began = time.monotonic()
    works: bool | None = True
    remedy = ""
    try:
        note = check(trial)
    except _Unknown as unknown:
        works, note = None, str(unknown)
    except MovieDirectorError as error:
        works, note, remedy = False, error.what, error.remedy
    seconds = round(time.monotonic() - began, 3)
    return Checked(name=name, works=works, note=note, remedy=remedy, seconds=seconds)


def _answers(trial: _Trial) -> str:
    stats = trial.server.stats()
    if stats is None:
        raise ServiceError(
            f"What answers at {trial.server.address} is no ComfyUI.",
            remedy="Check the address and the port.",
        )
    trial.stats = stats
    device = stats.devices[0].name if stats.devices else "no device"
    queue = trial.server.queue()
    busy = len(queue.running) + len(queue.waiting)
    others = f"; {busy} prompts of others are there, which will take their time" if busy else ""
    return f"ComfyUI {stats.version} on {device}{others}"


def _socket(trial: _Trial) -> str:
    trial.line.connect()
    return "messages come by web socket"


def _uploads(trial: _Trial) -> str:
    source = trial.picture
    if source is None:
        raise _Unknown("no picture was made that could be sent")
    name = trial.server.upload(source, f"proof_{source.stem}.png", trial.cancel)
    _take(trial, loaded(name), "2", "image", "uploaded")
    return f"a picture went there and came back from '{name}'"


def _picture(trial: _Trial) -> str:
    trial.moves = 0
    trial.picture = path = _workflow(trial, "test_image", "image")
    return f"{path.stat().st_size} bytes"


def _progress(trial: _Trial) -> str:
    if trial.moves < 2:
        raise ServiceError(
            "The server told nothing of its progress; work is still noticed when it ends.",
            remedy="Look whether something between you and ComfyUI lets no web sockets through.",
        )
    return f"{trial.moves} reports for one picture"


def _video(trial: _Trial) -> str:
    path = _workflow(trial, "test_video", "video")
    return f"{path.suffix[1:]}, {path.stat().st_size} bytes"


def _sound(trial: _Trial) -> str:
    path = _workflow(trial, "test_sound", "audio")
    return f"{path.suffix[1:]}, {path.stat().st_size} bytes"


def _repeat(trial: _Trial) -> str:
    if trial.picture is None:
        raise _Unknown("no picture was made that could be asked for again")
    nodes = _nodes(trial, "test_image")
    for _ in range(2):  # other work came between: the first may have to be done again
        ended = _follow(trial, nodes)
    if not ended.cached:
        raise _Unknown("the server keeps no results: every picture is made anew")
    _fetch(trial, ended, "5", "image", "again")
    return f"kept: {len(ended.cached)} of {len(nodes)} nodes did not run again"


def _preview(trial: _Trial) -> str:
    if not trial.previews:
        raise _Unknown("pictures of work under way come from samplers, which need a model")
    return f"{trial.previews} pictures"


def _stops(trial: _Trial) -> str:
    """Cancel one prompt while it waits behind another, and then the other while it runs."""
    running, waiting = _sent(trial, long_work(trial.colour)), str(uuid.uuid4())
    try:
        _turn(trial, running)
        nodes = _nodes(trial, "test_image", trial.colour ^ 0xFFFF)
        trial.server.submit(waiting, nodes, trial.line.client, where="")
        note = _cancel_waiting(trial, running, waiting)
        ended = _interrupt(trial, running)
    finally:
        _gone(trial, waiting)
        _gone(trial, running)
    return f"{note}; {ended}"


def _cancel_waiting(trial: _Trial, running: str, waiting: str) -> str:
    too_quick = "the queue was too quick to cancel anything in it"
    if waiting not in trial.server.queue().waiting:
        return too_quick
    trial.server.stop(waiting)
    until = time.monotonic() + _TURN_S
    while not isinstance(found := trial.server.where(waiting), Nowhere):
        if isinstance(found, Ended):
            return too_quick  # its turn came between the two questions
        _wait(trial, until, "A prompt that waited was cancelled, and stayed.")
    if running not in trial.server.queue().running:
        return "one that waited was cancelled"
    return "one that waited was cancelled and the one before it ran on"


def _interrupt(trial: _Trial, running: str) -> str:
    if running not in trial.server.queue().running:
        raise _Unknown("the server was too quick: its work had ended before it could be stopped")
    began = time.monotonic()
    until = began + _TURN_S
    while True:
        trial.server.stop(running)
        found = trial.server.where(running)
        if isinstance(found, Ended):
            if found.success:
                raise _Unknown("the server was too quick: its work ended before it was stopped")
            return f"one that ran was stopped within {time.monotonic() - began:.1f} s"
        _wait(trial, until, "A prompt that ran was told to stop, and did not.")


def _cleans(trial: _Trial) -> str:
    """Take our prompts out of the history; files that were saved stay, for nothing removes them."""
    trial.server.forget(trial.ours)
    left = [each for each in trial.ours if not isinstance(trial.server.where(each), Nowhere)]
    if left:
        raise ServiceError(
            f"{len(left)} prompts of ours stayed in the server's history.",
            remedy="Restart ComfyUI, or clear its history there.",
        )
    return (
        f"{len(trial.ours)} prompts are out of its history; their few small files stay in its "
        "folders output/movie_director and input/movie-director"
    )


#: In this order: a later check uses what an earlier one made.
_CHECKS: tuple[tuple[str, Callable[[_Trial], str]], ...] = (
    ("answers", _answers),
    ("socket", _socket),
    ("picture", _picture),
    ("progress", _progress),
    ("upload", _uploads),
    ("video", _video),
    ("sound", _sound),
    ("repetition", _repeat),
    ("cancelling", _stops),
    ("previews", _preview),
    ("clean-up", _cleans),
)


def _nodes(trial: _Trial, workflow: str, colour: int | None = None) -> dict[str, Any]:
    of = trial.library[workflow]
    given = {"colour": trial.colour if colour is None else colour} if of.input("colour") else {}
    return fill(of, base_prompt(of), given)


def _workflow(trial: _Trial, name: str, media: str) -> Path:
    node = trial.library[name].outputs[0].node
    return _take(trial, _nodes(trial, name), node, media, name)


def _take(trial: _Trial, nodes: Mapping[str, Any], node: str, media: str, stem: str) -> Path:
    return _fetch(trial, _follow(trial, nodes), node, media, stem)


def _follow(trial: _Trial, nodes: Mapping[str, Any]) -> Ended:
    """What came of it.

    Raises:
        MovieDirectorError: it failed.
    """

    def moved(fraction: float, note: str) -> None:
        del fraction, note
        trial.moves += 1

    def seen(preview: Preview) -> None:
        del preview
        trial.previews += 1

    prompt = str(uuid.uuid4())
    trial.ours.append(prompt)
    follow = Follow(
        trial.server, trial.line, prompt, nodes, cancel=trial.cancel, moved=moved, seen=seen,
        pace=trial.pace,
    )  # fmt: skip
    trial.line.listen()
    follow.send()
    ended = follow.to_end()
    if ended is None:
        raise Stopped
    trial.ended.add(prompt)
    if not ended.success:
        raise failure(ended.error, "")[0]
    return ended


def _fetch(trial: _Trial, ended: Ended, node: str, media: str, stem: str) -> Path:
    file = best_of(files_of(ended.outputs), media, node)
    if file is None:
        raise StepFailed(
            f"The work ended and named no {media}.", remedy="Look at the server's own log."
        )
    path = trial.folder / f"{stem}{file.suffix}"
    trial.server.fetch(file, path, trial.cancel, most=_MOST)
    place, begins = _BEGINS.get(file.suffix, (0, b""))
    with path.open("rb") as opened:
        head = opened.read(16)
    if head[place : place + len(begins)] != begins:
        raise StepFailed(
            f"What came as '{file.suffix}' is none.", remedy="Look at the server's own log."
        )
    return path


def _sent(trial: _Trial, nodes: Mapping[str, Any]) -> str:
    prompt = str(uuid.uuid4())
    trial.ours.append(prompt)
    trial.server.submit(prompt, nodes, trial.line.client, where="")
    return prompt


def _turn(trial: _Trial, prompt: str) -> None:
    """Wait until a prompt runs."""
    until = time.monotonic() + _TURN_S
    while prompt not in trial.server.queue().running:
        if isinstance(trial.server.where(prompt), Ended):
            raise _Unknown("the server was too quick for anything to be cancelled")
        if time.monotonic() >= until:
            raise _Unknown("others' work took too long for ours to have its turn")
        if trial.cancel.wait(_POLL_S):
            raise Stopped


def _wait(trial: _Trial, until: float, what: str) -> None:
    if time.monotonic() >= until:
        raise ServiceError(what, remedy="Look at the server's own log; restart it if it hangs.")
    if trial.cancel.wait(_POLL_S):
        raise Stopped


def _gone(trial: _Trial, prompt: str) -> None:
    """Whatever came before: nothing of ours goes on there."""
    if prompt in trial.ended:
        return
    with suppress(ServiceError):  # the check that is under way says what is wrong with the server
        if prompt in trial.server.queue():
            trial.server.stop(prompt)
