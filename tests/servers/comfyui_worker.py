"""The worker of a scripted ComfyUI: one thread that runs prompts, its cache, and a pretended card.

Nodes do nothing but take their time; those that save leave a file of the right kind.  What is told
of a run, and in which order, is what real servers were recorded to tell.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .sounds import flac, mp4, wav

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8"
    "cfc000000301010018dd8db00000000049454e44ae426082"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 40

#: Class of a node that saves: kind it reports under, ending, what the file holds.
SAVERS: Mapping[str, tuple[str, str, Callable[[], bytes]]] = {
    "SaveImage": ("images", ".png", lambda: PNG),
    "PreviewImage": ("images", ".png", lambda: PNG),
    "SaveVideo": ("images", ".mp4", mp4),
    "SaveWEBM": ("images", ".webm", mp4),
    "SaveAudio": ("audio", ".flac", flac),
    "SaveAudioMP3": ("audio", ".mp3", lambda: wav(0.5)),
}


def lora(value: bytes = b"\x80\x3f", whole: bool = True) -> bytes:
    """A LoRA of two tensors whose numbers all are ``value``, a bfloat16 (1.0)."""
    places = {"lora_down": [0, 64], "lora_up": [64, 128]}
    header = json.dumps({
        f"diffusion_model.layers.0.{name}.weight":
            {"dtype": "BF16", "shape": [2, 16], "data_offsets": place}
        for name, place in places.items()
    }).encode()  # fmt: skip
    return struct.pack("<Q", len(header)) + header + value * (64 if whole else 60)


@dataclass
class Card:
    """A device that holds models and refuses what does not fit.

    ``sizes`` are bytes by file of weights; ``work_bytes`` is what running takes beside them.  Models
    that nobody asked to unload stay until room is needed, the longest unused first.
    """

    budget_bytes: int = 0  #: 0: the CPU
    sizes: Mapping[str, int] = field(default_factory=dict)
    work_bytes: int = 0
    keeps: bool = False  #: a server that never gives back what it was asked to
    acts: Mapping[str, int] = field(default_factory=dict)  #: bytes a node works in, by its class
    working: int = 0  #: what the node under way works in
    reserved: int = 0  #: at its most since the prompt began
    others: int = 0  #: other programs' part of the card
    outside: bool = False  #: weights lie outside what PyTorch counts, as with dynamic VRAM
    resident: dict[str, int] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        return sum(self.resident.values())

    @property
    def counted(self) -> int:
        """What PyTorch counts as in use."""
        return self.working + (0 if self.outside else self.held)

    def work(self, kind: str) -> None:
        """A node of a class is under way; "": the prompt is over."""
        self.working = self.acts.get(kind, 0)
        self.reserved = max(self.reserved if kind else 0, self.counted)

    def load(self, names: list[str]) -> bool:
        """Whether these fit beside the work, after what is not needed has gone."""
        needed = {name: self.sizes[name] for name in names}
        if self.budget_bytes and sum(needed.values()) + self.work_bytes > self.budget_bytes:
            self.resident.clear()
            return False
        for name in [each for each in self.resident if each not in needed]:
            if self.held + sum(needed.values()) + self.work_bytes <= self.budget_bytes:
                break
            del self.resident[name]
        for name, size in needed.items():
            if name not in self.resident:
                self.loads.append(name)
            self.resident.pop(name, None)
            self.resident[name] = size
        return True

    def unload(self) -> None:
        if not self.keeps:
            self.resident.clear()


@dataclass(order=True)
class Item:
    """A prompt in the queue; ``client`` "" has everybody hear of it."""

    number: float
    id: str
    nodes: Any = field(compare=False)
    client: str = field(compare=False, default="")
    foreign: bool = field(compare=False, default=False)


def at_least(version: str, minor: int) -> bool:
    """Whether a version is 0.``minor`` or newer."""
    return int(version.split(".")[1]) >= minor


class Stopped(Exception):
    """The prompt was interrupted."""


class OutOfMemoryError(Exception):
    """The card is full."""


class Worker:
    """Owns the queue, the cache and the files.  The server asks under ``lock``."""

    #: Classes of nodes at which the card is full, whatever it holds.
    full: frozenset[str] = frozenset()

    def __init__(self, tell: Callable[[str, Any, str], None], version: str) -> None:
        self.lock = threading.RLock()  # guards all below; never held while telling or sleeping
        self.came = threading.Condition(self.lock)
        self.waiting: list[Item] = []
        self.running: Item | None = None
        self.history: dict[str, Any] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}
        self.ran: list[str] = []  #: ids whose work was done, in order, each time
        self.card = Card()
        self.seconds: dict[str, float] = {}  #: a node's time, by class
        self.hurry = threading.Event()  #: set: whatever is left of it takes no time
        self.lora: Callable[[], bytes] = lora  #: what is saved of a training
        #: What is saved of a clip, by the prompt's nodes.
        self.video: Callable[[Mapping[str, Any]], bytes] | None = None
        self.trained: list[str] = []  #: under which names something was saved
        self.alive = True
        self.died_with = ""  #: the id that it was at when its server died
        self.stop_ids: set[str] = set()
        self.free_asked = False
        self.rename: Callable[[str, str], tuple[str, str]] = lambda name, folder: (name, folder)
        self._tell, self._version = tell, version
        self._numbers, self._names = itertools.count(1), itertools.count(1)
        self._cache: dict[str, Any] = {}
        self._over = False
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        with self.came:
            heapq.heappush(self.waiting, item)
            self.came.notify()
        self.status()

    def number(self) -> int:
        return next(self._numbers)

    def forget(self) -> None:
        """Run everything anew from now on."""
        with self.lock:
            self._cache.clear()

    def status(self) -> None:
        with self.lock:
            left = len(self.waiting) + (self.running is not None)
        self._tell("status", {"status": {"exec_info": {"queue_remaining": left}}}, "*")

    def end(self) -> None:
        with self.came:
            self._over = True
            self.came.notify_all()
        if self.running is not None:
            self.died_with = self.running.id
            self.stop_ids.add(self.running.id)
        self._thread.join(5)

    def _loop(self) -> None:
        while True:
            with self.came:
                while not self._over and not (self.alive and self.waiting):
                    self.came.wait(0.05)
                    self._free()
                if self._over:
                    return
                item = self.running = heapq.heappop(self.waiting)
            self.status()
            if not self._do(item):
                self.alive = False  # as a worker that died in the middle: it stays in the queue
                continue
            self.card.work("")
            with self.lock:
                self.running = None
                self._free()
            self.status()
            self._tell("executing", {"node": None, "prompt_id": item.id}, item.client)

    def _free(self) -> None:
        if self.free_asked and self.running is None:
            self.free_asked = False
            self.card.unload()
            self._cache.clear()

    def _do(self, item: Item) -> bool:
        """Run a prompt and write its history; False where that kills the worker."""
        said: list[list[Any]] = []

        def tell(kind: str, data: dict[str, Any]) -> None:
            data = {**data, "prompt_id": item.id, "timestamp": 1}
            if kind.startswith("execution"):
                said.append([kind, data])
            self._tell(kind, data, item.client)

        tell("execution_start", {})
        if any("inputs" not in node for node in item.nodes.values()):
            return False
        outputs: dict[str, Any] = {}
        keys = {id: self._key(item.nodes, id) for id in item.nodes}
        cached = [id for id in item.nodes if keys[id] in self._cache]
        tell("execution_cached", {"nodes": cached})
        status = "success"
        try:
            for id in cached:
                if self._cache[keys[id]]:
                    outputs[id] = self._cache[keys[id]]
                    tell("executed", {"node": id, "display_node": id, "output": outputs[id]})
            fresh = self._run(item, [id for id in item.nodes if id not in cached], keys, tell)
            outputs |= {id: found for id, found in fresh.items() if found}
            self._cache = {keys[id]: outputs.get(id) for id in item.nodes}
            self.ran.append(item.id)
            tell("execution_success", {})
        except Stopped:
            status = "error"
            tell("execution_interrupted", {"node_id": "1", "node_type": "", "executed": []})
        except Exception as error:
            status, outputs = "error", {}
            kind = "torch.OutOfMemoryError" if isinstance(error, OutOfMemoryError) else "Exception"
            tell("execution_error", {
                "node_id": "1", "node_type": "KSampler" if "Memory" in kind else "LabFail",
                "exception_type": kind, "exception_message": str(error), "traceback": ["here\n"],
                "executed": [], "current_inputs": {}, "current_outputs": [],
            })  # fmt: skip
        with self.lock:
            self.history[item.id] = {
                "prompt": [item.number, item.id, item.nodes, {"client_id": item.client}, []],
                "outputs": outputs,
                "status": {
                    "status_str": status, "completed": status == "success", "messages": said,
                },
                "meta": {},
            }  # fmt: skip
            self.stop_ids.discard(item.id)
        return True

    def _load(self, node: Any) -> None:
        """What a node's weights need: the server makes room by what it does not need now."""
        names = [v for v in node["inputs"].values() if isinstance(v, str) and v in self.card.sizes]
        if names and not self.card.load(list(dict.fromkeys(names))):
            raise OutOfMemoryError("Allocation on device 0 would exceed allowed memory.")

    def _run(
        self, item: Item, todo: list[str], keys: Mapping[str, str], tell: Callable[..., None]
    ) -> dict[str, Any]:
        del keys
        states: dict[str, Any] = {}
        found: dict[str, Any] = {}

        def at(id: str, state: str, value: float, most: float) -> None:
            about = {"node_id": id, "display_node_id": id, "real_node_id": id}
            states[id] = {"state": state, "value": value, "max": most, **about}
            tell("progress_state", {"nodes": dict(states)})

        for id in todo:
            node = item.nodes[id]
            kind, inputs = node["class_type"], node["inputs"]
            self._pause(item, 0.0)
            at(id, "running", 0.0, 1.0)
            tell("executing", {"node": id, "display_node": id})
            self._load(node)
            self.card.work(kind)
            if kind in self.full:
                raise OutOfMemoryError("Allocation on device 0 would exceed allowed memory.")
            ticks = (
                int(inputs.get("steps", 0))
                if "Sampler" in kind or kind == "TrainLoraNode"
                else int(inputs.get("ticks", 0))
            )
            seconds = float(inputs.get("seconds", 0.0)) if kind == "LabSleep" else 0.0
            seconds = self.seconds.get(kind, seconds)
            for tick in range(1, ticks + 1):
                self._pause(item, seconds / ticks)
                at(id, "running", tick, ticks)
                self._tell("preview", {"prompt_id": item.id, "node_id": id}, item.client)
                tell("progress", {"value": tick, "max": ticks, "node": id})
            if not ticks:
                self._pause(item, seconds)
            if kind == "LabFail":
                raise RuntimeError(inputs.get("message", "boom from node"))
            found[id] = self._saved(kind, inputs, item.nodes)
            if found[id]:
                tell("executed", {"node": id, "display_node": id, "output": found[id]})
            at(id, "finished", ticks or 1.0, ticks or 1.0)
        return found

    def _pause(self, item: Item, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            if item.id in self.stop_ids:
                raise Stopped
            rest = until - time.monotonic()
            if rest <= 0 or self.hurry.is_set():
                return
            time.sleep(min(rest, 0.02))

    def _saved(
        self, kind: str, inputs: Mapping[str, Any], nodes: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        if kind == "SaveLoRA":
            # As the real one: it says nothing of what it saved, here or anywhere.
            subfolder, _, stem = str(inputs["prefix"]).rpartition("/")
            self.files[("output", subfolder, f"{stem}_{next(self._names):05}_.safetensors")] = (
                self.lora()
            )
            self.trained.append(stem)
            return None
        if kind not in SAVERS:
            return None
        under, ending, content = SAVERS[kind]
        folder = "temp" if kind.startswith("Preview") else "output"
        subfolder, _, stem = str(inputs.get("filename_prefix", "x")).rpartition("/")
        tail = "" if at_least(self._version, 33) and under == "audio" else "_"
        name = f"{stem}_{next(self._names):05}{tail}{ending}"
        name, subfolder = self.rename(name, subfolder)
        clip = self.video(nodes) if kind == "SaveVideo" and self.video is not None else b""
        self.files[(folder, subfolder, name)] = clip or content()
        found = {under: [{"filename": name, "subfolder": subfolder, "type": folder}]}
        return {**found, "animated": [True]} if ending in (".mp4", ".webm") else found

    def _key(self, nodes: Any, id: str, seen: tuple[str, ...] = ()) -> str:
        """What a node's result depends on: its class, its inputs and those before it."""
        node = nodes[id]
        inputs = {
            name: self._key(nodes, value[0], (*seen, id))
            if isinstance(value, list) and value and value[0] in nodes and value[0] not in seen
            else value
            for name, value in node.get("inputs", {}).items()
        }
        text = json.dumps([node["class_type"], inputs], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
