"""A scripted ComfyUI: its HTTP and web socket on one real port, and everything that can go wrong.

Behaves as 0.3.64, 0.8.0 or 0.33.0 were recorded to, traps included: a node without ``inputs`` kills
the worker, the same number and id twice is answered 500 and queued, an older socket that closes
deafens a newer one of the same id, a cached file that is gone is still named.

    with ComfyServer("0.33.0") as server:
        server.on("/prompt", after_queueing(drop), server.really)
"""

from __future__ import annotations

import json
import re
import struct
import threading
import time
from collections.abc import Callable
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .comfyui_worker import JPEG, Card, Item, Worker, at_least
from .misbehaving import Line, Manner, Misbehaving, Request, answer, says
from .web_socket import WebSocket

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KINDS = {
    ".png": "image/png", ".mp4": "video/mp4", ".webm": "video/webm", ".flac": "audio/x-flac",
    ".mp3": "audio/mpeg",
}  # fmt: skip
Mangle = Callable[[str | bytes], list[str | bytes]]


def error_500(request: Request, line: Line) -> None:
    """As aiohttp says that it broke."""
    body = b"500 Internal Server Error\n\nServer got itself in trouble"
    answer(body, 500, kind="text/plain; charset=utf-8")(request, line)


class ComfyServer(Misbehaving):
    """``queued`` are the ids that were taken, in order; ``worker`` has what became of them."""

    def __init__(self, version: str = "0.33.0", *, port: int = 0, card: Card | None = None) -> None:
        self.version = version
        self.queued: list[str] = []
        self.uploads: dict[str, bytes] = {}
        self.mangle: Mangle = lambda message: [message]
        self.quiet = threading.Event()  #: while set nothing is told: somebody does not read
        self.ignored_stops = 0  #: how many times being told to stop does nothing
        self.half_refused: dict[str, Any] = {}  #: what a 200 says of outputs that were dropped
        self.classes: dict[str, Any] = {}
        self._sockets: dict[str, WebSocket] = {}
        self._flags: set[str] = set()
        self._held: list[tuple[str, Any, str]] = []
        self._told = threading.Lock()  # guards _sockets, _flags and _held
        self.worker = Worker(self._tell, version)
        if card is not None:
            self.worker.card = card
        super().__init__(port)

    def close(self) -> None:
        """Die, the work with it."""
        super().close()
        self.worker.end()

    def reborn(self) -> ComfyServer:
        """A new server at the same place that remembers nothing; this one must have died."""
        return ComfyServer(self.version, port=self.port, card=self.worker.card)

    # --- what a test does to it ---------------------------------------------------------------

    def really(self, request: Request, line: Line) -> None:
        """The true answer."""
        self._route(request)(request, line)

    def behind(self, manner: Manner) -> Manner:
        """Do what is asked, and answer otherwise."""

        def both(request: Request, line: Line) -> None:
            self.really(request, _Nowhere(line))
            manner(request, line)

        return both

    def drop_sockets(self) -> None:
        """Hang up on every web socket."""
        with self._told:
            sockets = list(self._sockets.values())
        for each in sockets:
            each.hang_up()

    def foreign(self, seconds: float, count: int = 1) -> list[str]:
        """Somebody else's prompts, each of them taking so long; their ids."""
        ids = [
            f"{0xF0 + len(self.queued) + n:08x}-0000-4000-8000-000000000000" for n in range(count)
        ]
        nodes = {"1": {"class_type": "LabSleep", "inputs": {"seconds": seconds, "ticks": 10}}}
        for id in ids:
            salted = {"1": {**nodes["1"], "inputs": {**nodes["1"]["inputs"], "salt": id}}}
            self.queued.append(id)
            self.worker.put(Item(self.worker.number(), id, salted, "somebody", foreign=True))
        return ids

    def loud(self) -> None:
        """Whoever did not read has gone: everything held back is told now."""
        self.quiet.clear()
        with self._told:
            held, self._held = self._held, []
        for each in held:
            self._tell(*each)

    # --- the web socket -------------------------------------------------------------------------

    def _ws(self, request: Request, line: Line) -> None:
        asked = parse_qs(urlsplit(request.target).query)
        id = (asked.get("clientId") or ["nobody"])[0]
        made = WebSocket(line.sock, request.headers["sec-websocket-key"])
        with self._told:
            self._sockets[id] = made
        left = len(self.worker.waiting) + (self.worker.running is not None)
        status = {"status": {"exec_info": {"queue_remaining": left}}, "sid": id}
        made.send(json.dumps({"type": "status", "data": status}))
        running = self.worker.running
        if running is not None and running.client == id:
            made.send(json.dumps({"type": "executing", "data": {"node": "1"}}))
        for number, said in enumerate(made.heard()):
            value = json.loads(said)
            if number == 0 and value.get("type") == "feature_flags":
                self._flags.add(id)
                made.send(json.dumps({"type": "feature_flags", "data": self._features()}))
        with self._told:
            self._sockets.pop(id, None)  # whoever has the id now goes deaf: as the real one does
        made.goodbye()  # last, as the real one: its next thing is the next connection
        line.keep = False

    def _tell(self, kind: str, data: Any, client: str) -> None:
        if self.quiet.is_set():
            with self._told:
                self._held.append((kind, data, client))
            return
        with self._told:
            everybody = client == "*" or (not client and kind in ("progress", "progress_state"))
            found = [(id, each) for id, each in self._sockets.items() if everybody or id == client]
        for id, each in found:
            message: str | bytes
            message = json.dumps({"type": kind, "data": data})
            if kind == "preview":
                message = self._picture(data, id)
            for one in self.mangle(message):
                each.send(one)

    def _picture(self, data: Any, id: str) -> bytes:
        if id not in self._flags:
            return struct.pack(">II", 1, 1) + JPEG
        about = json.dumps({**data, "image_type": "image/jpeg"}).encode()
        return struct.pack(">II", 4, len(about)) + about + JPEG

    # --- HTTP -----------------------------------------------------------------------------------

    def _manner(self, request: Request) -> Manner:
        with self._lock:
            scripted = self._manners.get(request.path) or self._manners.get("*")
        if scripted:
            return super()._manner(request)
        with self._lock:
            self.asked.append(request)
        return self.really

    def _route(self, request: Request) -> Manner:
        path = request.path.removeprefix("/api") if request.path != "/api/jobs" else request.path
        if path == "/ws":
            return self._ws
        if path.startswith("/jobs/") and path.endswith("/cancel"):
            return self._cancel_job(path.split("/")[2])
        if path == "/models/loras":
            return says(
                sorted(
                    name
                    for folder, under, name in self.worker.files
                    if (folder, under) == ("output", "loras")
                )
            )
        if path.startswith("/history/"):
            entry = self.worker.history.get(path.split("/")[2])
            return says({} if entry is None else {path.split("/")[2]: entry})
        routes: dict[str, Callable[[Request], Manner]] = {
            "/system_stats": lambda _: says(self._stats()),
            "/features": lambda _: says(self._features()),
            "/object_info": lambda _: says(self.classes),
            "/queue": self._queue,
            "/prompt": self._prompt,
            "/interrupt": self._interrupt,
            "/free": self._free,
            "/history": self._forget,
            "/view": self._view,
            "/upload/image": self._upload,
        }
        found = routes.get(path)
        return (
            answer(b"404: Not Found", 404, kind="text/plain") if found is None else found(request)
        )

    def _features(self) -> dict[str, Any]:
        return {"supports_preview_metadata": True, "max_upload_size": 104857600}

    def _stats(self) -> dict[str, Any]:
        card = self.worker.card
        total = card.budget_bytes or 2**34
        device: dict[str, Any] = {"name": "cpu", "type": "cpu", "index": None}
        if card.budget_bytes:
            device = {"name": "cuda:0 Pretended Card : native", "type": "cuda", "index": 0}
        memory = {
            "vram_total": total, "vram_free": total - card.held - card.working - card.others,
            "torch_vram_total": max(card.reserved, card.counted),
            "torch_vram_free": max(card.reserved, card.counted) - card.counted,
        }  # fmt: skip
        system = {"os": "posix", "comfyui_version": self.version, "argv": ["main.py"]}
        return {"system": system, "devices": [{**device, **memory}]}

    def _queue(self, request: Request) -> Manner:
        worker = self.worker
        if request.method == "POST":
            gone = set(json.loads(request.body).get("delete", []))
            self._delete(gone)
            return answer(b"")
        with worker.lock:
            running = [worker.running] if worker.running is not None else []
            waiting = sorted(worker.waiting)

        def entry(item: Item) -> list[Any]:
            return [item.number, item.id, item.nodes, {"client_id": item.client}, []]

        return says(
            {"queue_running": [*map(entry, running)], "queue_pending": [*map(entry, waiting)]}
        )

    def _delete(self, gone: set[str]) -> bool:
        if self._ignored():
            return False
        with self.worker.lock:
            before = len(self.worker.waiting)
            self.worker.waiting[:] = [i for i in self.worker.waiting if i.id not in gone]
            found = len(self.worker.waiting) != before
        if found:
            self.worker.status()
        return found

    def _ignored(self) -> bool:
        self.ignored_stops -= 1
        return self.ignored_stops >= 0

    def _prompt(self, request: Request) -> Manner:
        if request.method == "GET":
            left = len(self.worker.waiting) + (self.worker.running is not None)
            return says({"exec_info": {"queue_remaining": left}})
        value = json.loads(request.body)
        refused = self._refusal(value)
        if refused:
            return says({"error": refused, "node_errors": {}}, 400)
        id = value["prompt_id"]
        number = value.get("number")
        with self.worker.lock:
            twice = number is not None and any(
                (each.number, each.id) == (number, id) for each in self.worker.waiting
            )
        self.queued.append(id)
        number = self.worker.number() if number is None else number
        self.worker.put(Item(number, id, value["prompt"], value.get("client_id", "")))
        if twice:
            return error_500
        return says({"prompt_id": id, "number": number, "node_errors": self.half_refused})

    def _refusal(self, value: Any) -> dict[str, Any] | None:
        nodes, id = value["prompt"], value["prompt_id"]
        if at_least(self.version, 33) and not _UUID.fullmatch(id):
            return {"type": "invalid_prompt_id", "message": "prompt_id must be a valid UUID"}
        if not nodes or not any(node["class_type"].startswith(("Save", "Preview", "Lab"))
                                for node in nodes.values()):  # fmt: skip
            return {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": ""}
        known = self.classes
        missing = [i for i, node in nodes.items() if known and node["class_type"] not in known]
        if missing:
            return {"type": "missing_node_type", "message": "does not exist", "details": missing[0]}
        return None

    def _interrupt(self, request: Request) -> Manner:
        id = (json.loads(request.body) if request.body else {}).get("prompt_id")
        running = self.worker.running
        if running is not None and id in (None, running.id) and not self._ignored():
            self.worker.stop_ids.add(running.id)
        return answer(b"")

    def _cancel_job(self, id: str) -> Manner:
        if not at_least(self.version, 33):
            return answer(b"", 405 if at_least(self.version, 8) else 404)
        running = self.worker.running
        if running is not None and running.id == id:
            if not self._ignored():
                self.worker.stop_ids.add(id)
            return says({"cancelled": True})
        return says({"cancelled": self._delete({id})})

    def _free(self, request: Request) -> Manner:
        if json.loads(request.body).get("unload_models"):
            self.worker.free_asked = True
        return answer(b"")

    def _forget(self, request: Request) -> Manner:
        if request.method == "POST":
            for id in json.loads(request.body).get("delete", []):
                self.worker.history.pop(id, None)
            return answer(b"")
        return says(self.worker.history)

    def _view(self, request: Request) -> Manner:
        asked = {name: each[0] for name, each in parse_qs(urlsplit(request.target).query).items()}
        key = (asked.get("type", "output"), asked.get("subfolder", ""), asked["filename"])
        body = self.worker.files.get(key)
        if body is None:
            return answer(b"", 404)
        ending = asked["filename"][asked["filename"].rfind(".") :]
        return answer(body, kind=_KINDS.get(ending, "application/octet-stream"))

    def _upload(self, request: Request) -> Manner:
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        parts = {}
        for part in BytesParser().parsebytes(head + request.body).walk():
            name = part.get_param("name", header="content-disposition")
            if name:
                parts[name] = (part.get_filename(), part.get_payload(decode=True))
        called, content = parts["image"]
        subfolder = (parts.get("subfolder", (None, b""))[1] or b"").decode()
        kind = (parts.get("type", (None, b"input"))[1] or b"input").decode()
        if kind == "output":
            self.worker.files[(kind, subfolder, str(called))] = content
            return says({"name": called, "subfolder": subfolder, "type": kind})
        stem, dot, ending = str(called).rpartition(".")
        name, number = str(called), 0
        while self.uploads.get(f"{subfolder}/{name}", content) != content:
            number += 1
            name = f"{stem} ({number}){dot}{ending}"
        self.uploads[f"{subfolder}/{name}"] = content
        return says({"name": name, "subfolder": subfolder, "type": "input"})


class _Nowhere(Line):
    """A connection on which nothing is heard of the true answer."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.sock, line.over)

    def send(self, data: bytes) -> bool:
        del data
        return True


def wait_for(what: Callable[[], Any], seconds: float = 10.0, why: str = "") -> Any:
    """What ``what`` gives once it is something, within a deadline."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError(f"nothing within {seconds} s: {why or what}")
