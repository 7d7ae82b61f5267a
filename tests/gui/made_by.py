"""A ComfyUI makes a shot and fails at another: who makes what and why is seen, and what went wrong.

The server of the tests runs inside Blender; while it is frozen, Blender's own thread goes on.
"""

from __future__ import annotations

import importlib
import pathlib
import sys
import tempfile
import time

import bpy
from film import editors
from services import Server as SpeechServer
from stage import MODULE

#: The scenario is given the folders of the tests and of their libraries, for its servers.
SERVERS = True
TREE = "MovieDirectorTree"
#: Seconds: how long Blender's own thread may be kept, if drawing takes no longer here; what a shot
#: takes; how long its server is frozen.
STALL_S, SHOT_S, FROZEN_S = 0.1, 8.0, 4.0
WORKFLOW = """
schema: movie-director/workflow@1
version: 1
title: {title}
kind: text_to_video
quality: standard
base:
  nodes:
    '1':
      class_type: {work}
      inputs: {{seconds: {seconds}, ticks: 20, salt: 0, text: '', message: The sampler broke}}
      _meta: {{title: Sampling}}
    '2':
      class_type: SaveVideo
      inputs: {{video: ['1', 0], filename_prefix: movie_director/shot}}
inputs:
  prompt: {{at: '1.text', required: true}}
  seed: {{at: '1.salt', default: 0}}
outputs:
  clip: {{node: '2', media: video}}
"""
SMALL = {
    "title": "Two Cups", "resolution": "custom", "width": 160, "height": 90, "quality": "standard",
}  # fmt: skip
KETTLE = {"number": "1", "action": "A kettle begins to sing.", "duration": 1.0}
CUPS = {"number": "2", "action": "Two cups on the sill.", "duration": 1.0}
NODES = (
    ("project", "project", SMALL, (640, 340)),
    ("comfyui", "backend", {"service": "comfyui", "template": "my_wan"}, (-320, 260)),
    ("broken", "backend", {"service": "comfyui", "template": "my_old_wan"}, (-320, -260)),
    ("kettle", "shot", KETTLE, (0, 340)),
    ("cups", "shot", CUPS, (0, -180)),
    ("film", "sequence", {"ambience": False, "title": "TWO CUPS"}, (340, 100)),
    ("out", "output", {"storyboard": False}, (640, 60)),
)
LINKS = (
    "comfyui.backend > kettle.backend", "broken.backend > cups.backend", "kettle.shot > film.shots",
    "cups.shot > film.shots", "film.sequence > out.sequence", "project.project > out.project",
)  # fmt: skip


def ours(name: str):
    return importlib.import_module(f"{MODULE}.{name}")


def write_film():
    """The film's tree."""
    graph = ours("core.graph")
    nodes = tuple(
        graph.Node(id=id, type=type, params=params, location=place)
        for id, type, params, place in NODES
    )
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
    links = tuple(graph.Link(source=a, target=b) for a, b in ends)
    return ours("md_nodes").write_tree(graph.Graph(nodes=nodes, links=links), "Two Cups")


def write_workflows() -> None:
    folder = ours("core.workflow_library").own_workflows_folder()
    folder.mkdir(parents=True)
    for name, title, work in (
        ("my_wan", "A slow shot", "LabSleep"),
        ("my_old_wan", "Broken", "LabFail"),
    ):
        text = WORKFLOW.format(title=title, work=work, seconds=SHOT_S)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


class Gaps:
    """The longest time between two beats of a timer of Blender's: for so long nothing was drawn."""

    def __init__(self) -> None:
        self.longest, self.last, self.over = 0.0, time.perf_counter(), False
        bpy.app.timers.register(self, first_interval=0.0)

    def __call__(self):
        now = time.perf_counter()
        self.longest, self.last = max(self.longest, now - self.last), now
        return None if self.over else 0.01

    def end(self) -> float:
        self.over = True
        return self.longest


def open_editor(stage, tree):
    area = editors(stage)[0] if editors(stage) else stage.area("VIEW_3D")
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    area.spaces.active.node_tree = tree
    yield from stage.settle()
    yield from stage.show_sidebar(area, "Director")
    area = yield from stage.maximise(area)
    with stage.in_area(area):
        bpy.ops.node.view_all()
    yield from stage.settle()
    with stage.in_area(area):
        bpy.ops.view2d.zoom_out()
        bpy.ops.view2d.pan(deltax=stage.region(area, "UI").width // 2, deltay=0)
    yield from stage.settle()
    return area


def choose(tree, name: str) -> None:
    """Make a node the active one."""
    for node in tree.nodes:
        node.select = node.name == name
    tree.nodes.active = tree.nodes[name]


def scenario(stage):
    archive, tests, libraries = stage.arguments
    stage.install(archive)
    sys.path += [tests, libraries]  # last: what Blender has is taken from there
    comfyui = importlib.import_module("servers.comfyui")
    write_workflows()
    server, speech = comfyui.ComfyServer(port=8188), SpeechServer()
    server.mangle = lambda message: [message] if isinstance(message, str) else []  # no previews
    try:
        yield from play(stage, server)
    finally:
        server.close()
        speech.die()


def play(stage, server):
    session, services, status = (ours(f"md_nodes.{n}") for n in ("session", "services", "status"))
    saved = str(pathlib.Path(tempfile.mkdtemp()) / "two_cups.blend")
    tree = write_film()
    bpy.ops.wm.save_as_mainfile(filepath=saved)
    area = yield from open_editor(stage, tree)
    bpy.ops.movie_director.services_look()
    places = services.seen
    yield from stage.until(lambda: usable(places()) == 2, "both servers are found")
    yield from stage.shot("services")

    choose(tree, "kettle")
    yield from stage.press_button(area, "movie_director.plan", "UI")
    uid = tree.session_uid
    yield from stage.until(lambda: session.of(uid), "it is planned")
    yield from stage.shot("planned")
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield from stage.until(lambda: server.worker.running is not None, "a shot is begun")
    gaps = Gaps()
    yield 2.0
    usual = gaps.end()
    yield from stage.shot("made_by")
    server.freeze()
    server.quiet.set()
    gaps = Gaps()
    yield FROZEN_S
    longest = gaps.end()
    said = f"{longest * 1000:.0f} ms, and {usual * 1000:.0f} ms while all went well"
    sys.stdout.write(f"The longest that the window stood still was {said}.\n")
    stage.check(longest < max(STALL_S, 2 * usual), f"it goes on while a server is frozen: {said}")
    stage.check(session.of(uid).busy, "it is still being made")
    server.thaw()
    server.loud()
    yield from stage.until(lambda: not session.of(uid).busy, "the run has ended", 60.0)
    stage.check(status.of(uid, "kettle").state == "cooked", "the shot is made")
    stage.check("sampler broke" in status.of(uid, "cups").what, "the other one says why it is not")

    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=saved)
    yield from stage.settle(1.0)
    tree = bpy.data.node_groups["Two Cups"]
    uid = tree.session_uid
    choose(tree, "cups")
    yield from stage.until(lambda: status.of(uid, "cups").what, "the failure is still there")
    area = yield from open_editor(stage, tree)
    yield from stage.shot("went_wrong")
    tree.nodes["broken"].p_template = "my_wan"
    yield from stage.press_button(area, "movie_director.evaluate", "UI")
    yield from stage.until(lambda: session.of(uid).busy, "it is made again")
    yield from stage.until(lambda: not session.of(uid).busy, "the run has ended", 60.0)
    stage.check(status.of(uid, "cups").state == "cooked", "it is made now")
    yield from stage.shot("mended")


def usable(seen) -> int:
    return sum(each.state.usable for each in seen.places.values())
