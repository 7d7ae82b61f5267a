"""Blender's own thread while services freeze, swallow and dribble: it goes on, and shows what is so.

Each beat is what Blender's timer calls; whatever it takes, the window stands still for.
"""

from __future__ import annotations

import pathlib
import sys
import time
from collections.abc import Callable, Iterator

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.timeout(180)]
bpy = pytest.importorskip("bpy")

from movie_director.core import service_file  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402
from movie_director.core.service_state import State  # noqa: E402
from movie_director.core.workflow_library import own_workflows_folder  # noqa: E402
from movie_director.executors._finding import OFF  # noqa: E402
from movie_director.executors.comfyui import ComfyUI  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.comfyui import ComfyServer  # noqa: E402
from servers.misbehaving import Misbehaving, Silent, trickle  # noqa: E402

#: Acceptance rows 50 and 55, in seconds.
STALL_S, LAG_S = 0.1, 1.0
#: Shorter than any question to a server is waited for.
WAITED_S = 0.5
#: On a machine that is busy with other things one beat of so many, or begun, may take longer.
_OF = 100
#: One shot: so long, told of so often.
SHOT_S, TICKS = 4.0, 10
WORKFLOW = f"""
schema: movie-director/workflow@1
version: 1
title: A shot that takes its time
kind: text_to_video
quality: standard
base:
  nodes:
    '1':
      class_type: LabSleep
      inputs: {{seconds: {SHOT_S}, ticks: {TICKS}, salt: 0, text: ''}}
    '2':
      class_type: SaveVideo
      inputs: {{video: ['1', 0], filename_prefix: movie_director/shot}}
inputs:
  prompt: {{at: '1.text', required: true}}
  seed: {{at: '1.salt', default: 0}}
outputs:
  clip: {{node: '2', media: video}}
"""
SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0, "quality": "standard"}
LINKS = (
    "project.project > out.project", "by.backend > shot.backend", "shot.shot > film.shots",
    "film.sequence > out.sequence",
)  # fmt: skip
ENDS = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
FILM = Graph(
    nodes=(
        Node(id="project", type="project", params=SMALL),
        Node(id="by", type="backend", params={"service": "comfyui", "template": "slow"}),
        Node(id="shot", type="shot", params={"action": "A cup.", "duration": 0.5}),
        Node(id="film", type="sequence", params={"ambience": False}),
        Node(id="out", type="output", params={"storyboard": False, "captions": False}),
    ),
    links=tuple(Link(source=a, target=b) for a, b in ENDS),
)


@pytest.fixture
def servers(blender, monkeypatch) -> Iterator[ComfyServer]:
    """A ComfyUI that works, a port that swallows, and one that never comes to an end."""
    monkeypatch.delenv(OFF, raising=False)
    monkeypatch.setattr(ComfyUI, "addresses", lambda self: ())
    folder = own_workflows_folder()
    folder.mkdir(parents=True)
    (folder / "slow.yaml").write_text(WORKFLOW, encoding="utf-8")
    with ComfyServer() as server, Silent() as silent, Misbehaving() as dribbling:
        dribbling.on("*", trickle(0.05))
        for each in (server, silent, dribbling):
            service_file.change(lambda known, url=each.url: known.with_place(url))
        yield server


class Timer:
    """Calls the heartbeat as Blender's timer does; notes how long each beat took."""

    def __init__(self) -> None:
        self.took: list[float] = []

    def until(self, so: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < deadline, f"never: {what}"
            self.beat()

    def beat(self) -> None:
        from movie_director.md_nodes import pump

        began = time.perf_counter()
        pause = pump.beat()
        self.took.append(time.perf_counter() - began)
        time.sleep(min(pause, 0.05))

    def press(self, do: Callable[[], object]) -> None:
        """What a button does, on the same thread."""
        began = time.perf_counter()
        do()
        self.took.append(time.perf_counter() - began)

    def check(self) -> None:
        """Nothing kept Blender's own thread from drawing."""
        long = [seconds for seconds in self.took if seconds > STALL_S]
        assert len(long) <= 1 + len(self.took) // _OF, (
            f"stalls of {long} s in {len(self.took)} beats"
        )
        assert max(self.took) < WAITED_S, "it waited for a server"


@pytest.fixture
def film(servers, tmp_path):
    """The film, saved, its services found."""
    from movie_director.md_nodes import session, write_tree

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    tree = write_tree(FILM, "Film")
    studio = session.studio()
    studio.lessons = type(studio.lessons)(tmp_path / "estimates.json")

    def found() -> bool:
        place = studio.refresh().places.get(servers.url)
        return place is not None and place.state is State.READY

    Timer().until(found, "ComfyUI is found")
    session.prepare(tree)  # workflows are read once, with the first plan
    yield tree
    session.close()


def test_the_window_goes_on_while_a_service_is_frozen_and_others_swallow_and_dribble(
    servers, film
) -> None:
    from movie_director.md_nodes import session

    timer = Timer()
    timer.press(lambda: session.start(film))
    found = session.of(film.session_uid)
    timer.until(lambda: servers.worker.running is not None, "the shot is begun")
    servers.freeze()
    servers.quiet.set()
    frozen = time.monotonic()
    timer.until(lambda: time.monotonic() > frozen + 5.0, "five seconds without a word")
    assert found.busy
    timer.press(lambda: session.cancel(film.session_uid))
    timer.until(lambda: found.run is None or time.monotonic() > frozen + 7.0, "two seconds more")
    servers.thaw()
    servers.loud()
    timer.until(lambda: not found.busy, "the run ends once it answers")
    timer.check()


def test_progress_is_on_the_node_and_in_the_panel_within_a_second(servers, film) -> None:
    from movie_director.md_nodes import session, status

    told: list[float] = []

    def note(message: str | bytes) -> list[str | bytes]:
        if isinstance(message, str) and '"progress"' in message:
            told.append(time.monotonic())
        return [message]

    servers.mangle = note
    found = session.start(film)
    timer = Timer()
    node: list[tuple[float, float]] = [(0.0, 0.0)]
    panel: list[tuple[float, float]] = [(0.0, 0.0)]

    def done() -> bool:
        shown = status.of(film.session_uid, "shot")
        for seen, fraction in (
            (node, shown.fraction),
            (panel, found.run.progress.fraction if found.run is not None else 1.0),
        ):
            if fraction != seen[-1][1]:
                seen.append((time.monotonic(), fraction))
        return shown.state == "cooked"

    timer.until(done, "the shot is made")
    assert len(told) >= TICKS
    for seen in (node, panel):
        fractions = [fraction for _, fraction in seen]
        assert fractions == sorted(fractions)
        assert len(seen) >= TICKS, "each word of the server is shown"
        lags = [next(when for when, _ in seen if when >= said) - said for said in told]
        assert max(lags) <= LAG_S
    timer.check()
