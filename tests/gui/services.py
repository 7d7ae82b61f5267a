"""A speech server comes and goes while an editor is open: found by itself, told once each way."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import bpy

TREE = "MovieDirectorTree"
PAGES = {
    "/openapi.json": {
        "info": {"title": "Kokoro TTS API", "version": "0.3.0"},
        "paths": {"/v1/audio/speech": {}, "/v1/audio/voices": {}},
    },
    "/v1/audio/voices": {"voices": ["af_sky", "am_adam"]},
    "/v1/models": {"data": [{"id": "kokoro"}]},
}


class Speech(BaseHTTPRequestHandler):
    """Says what a speech server says of itself."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        page = PAGES.get(self.path)
        body = json.dumps(page or {}).encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing: Blender's output is read for errors."""


class Server(ThreadingHTTPServer):
    """Hangs up on everybody when it is closed, as a process does."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.lines = []
        super().__init__(("127.0.0.1", 8880), Speech)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def get_request(self):
        line = super().get_request()
        self.lines.append(line[0])
        return line

    def die(self):
        self.shutdown()
        self.server_close()
        for line in self.lines:
            try:
                line.shutdown(2)
            except OSError:
                continue  # it hung up first


def scenario(stage):
    stage.install(stage.arguments[0])
    yield from stage.settle()
    area = stage.area("VIEW_3D")
    stage.turn_into(area, TREE)
    yield from stage.until(lambda: area.ui_type == TREE, "the Movie Director editor is open")
    tree = bpy.data.node_groups.new("A film", TREE)
    area.spaces.active.node_tree = tree
    node = tree.nodes.new("MovieDirectorNode_backend")
    node.p_service = "wan2gp"
    for type, place in (("project", (0, 0)), ("dialogue", (0, -250)), ("voice", (300, 0))):
        made = tree.nodes.new(f"MovieDirectorNode_{type}")
        made.location = place
    tree.nodes[1].p_quality = "standard"
    line, voice = tree.nodes[2], tree.nodes[3]
    voice.p_samples = "//hers"
    yield from stage.show_sidebar(area, "Director")
    services, abilities = ours("services"), ours("abilities")
    lacking = lambda node: abilities.lacking(node, tree.session_uid)  # noqa: E731 - as a method
    yield from stage.until(lambda: lacking(line), "nobody speaks yet, which the line says")
    server = Server()
    bpy.ops.movie_director.services_look()
    yield from stage.until(lambda: named(services, "READY"), "the speech server is found")
    stage.check(lacking(line) == "", "the line can be spoken")
    stage.check("Voice training" in lacking(voice), "nobody learns the voice, which it says")
    stage.redraw()
    yield from stage.shot("found")
    server.die()
    yield from stage.until(lambda: named(services, "LOST"), "it is gone", 5.0)
    stage.check(services.news() is not None and not services.news().good, "its end is told")
    stage.check("Kokoro TTS API disconnected" in lacking(line), "the line says who is gone")
    stage.redraw()
    yield from stage.shot("gone")
    stage.check(services.lacking("wan2gp") == "Not found", "what is missing is said")
    server = Server()
    bpy.ops.movie_director.services_look()
    yield from stage.until(lambda: named(services, "READY"), "it is back")
    stage.check(services.news() is not None and services.news().good, "its coming back is told")
    stage.check(lacking(line) == "", "the line is spoken again")
    stage.redraw()
    yield from stage.shot("back")
    server.die()


def ours(room):
    import importlib

    (name,) = (
        each.module for each in bpy.context.preferences.addons if "movie_director" in each.module
    )
    return importlib.import_module(f"{name}.md_nodes.{room}")


def named(services, state):
    """Whether ours is in that state, whatever else runs on this machine."""
    return services.seen().places["http://127.0.0.1:8880"].state.name == state
