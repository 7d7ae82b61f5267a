# SPDX-License-Identifier: GPL-3.0-or-later
"""One ComfyUI server's questions and answers: what it is asked over HTTP, and what that means.

Cancelling touches our own prompt alone: by the jobs API where the server has it, by the older
calls where not, and then only when the prompt is seen to run.  Every answer is judged before it
is believed (``jobs``, ``outputs``).  Following a prompt to its end is in ``follow``.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.address import Address
from ...core.errors import BadAnswer, InputError, ServiceRefused
from ...core.executor import CancelFlag
from ...core.patience import Operation, Patience
from .._http import Ask, Fetched, Form, Http, Limits, fetch, send, served_name
from .jobs import (
    Ended,
    Nowhere,
    Queue,
    Waits,
    Whereabouts,
    locate,
    read_ended,
    read_queue,
    refusal,
)
from .outputs import SUFFIXES, OutputFile

__all__ = ["STATS", "Memory", "Server", "Stats", "check_uuid", "read_stats"]

#: A server that took no prompt, or a part of one.
_ANSWERS = (200, 400)
#: What ``/system_stats`` answers is small.
STATS = Limits(bytes=2 * 2**20, depth=12, values=100_000)
#: A history entry holds the whole prompt and, after a failure, all inputs of the node.
_HISTORY = Limits(bytes=64 * 2**20, depth=60, values=2_000_000)
#: The folder of the server's input folder that our files go into.
UPLOADS = "movie-director"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A device as the server sees it, in bytes; ``held`` is what its own process keeps there.

    ``reserved`` is what its process took of it, used or not; it takes more than it gives back while
    it works.
    """

    name: str
    type: str
    index: int | None
    total: int
    free: int
    held: int
    reserved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What a server says of itself; the primary device first."""

    version: str
    devices: tuple[Memory, ...]


def read_stats(answer: Any) -> Stats | None:
    """What ``/system_stats`` answers, None when that is no ComfyUI's answer."""
    system = answer.get("system") if isinstance(answer, Mapping) else None
    version = system.get("comfyui_version") if isinstance(system, Mapping) else None
    if not isinstance(version, str) or not 0 < len(version) < 60:
        return None
    devices = answer.get("devices")
    found = (
        [_memory(each) for each in devices if isinstance(each, Mapping)]
        if isinstance(devices, list)
        else []
    )
    return Stats(version=version, devices=tuple(found[:64]))


def _memory(device: Mapping[str, Any]) -> Memory:
    index = device.get("index")
    total, free = _bytes(device.get("torch_vram_total")), _bytes(device.get("torch_vram_free"))
    return Memory(
        name=str(device.get("name", ""))[:200],
        type=str(device.get("type", ""))[:20],
        index=index if type(index) is int else None,
        total=_bytes(device.get("vram_total")),
        free=_bytes(device.get("vram_free")),
        held=max(0, total - free) if device.get("type") != "cpu" else 0,
        reserved=total if device.get("type") != "cpu" else 0,
    )


def _bytes(value: Any) -> int:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return min(max(0, int(value)), 2**60) if known else 0


class Server:
    """A server at one address.  Any thread may ask; nothing changes but what it is known to lack.

    Questions raise what ``Http`` raises.
    """

    def __init__(
        self,
        address: Address,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.address = address
        self.headers = dict(headers or {})
        self.http = Http(address, name="ComfyUI", headers=headers, patience=patience)
        self._jobs_api = True  #: until it answers 404

    def stats(self, cancel: CancelFlag | None = None) -> Stats | None:
        """Version and devices; None when it is no ComfyUI."""
        answer = self.http.get_json(
            "/system_stats", operation=Operation.HEALTH, limits=STATS, cancel=cancel
        )
        return read_stats(answer)

    def queue(self, cancel: CancelFlag | None = None) -> Queue:
        """What runs and waits."""
        answer = self.http.get_json("/queue", operation=Operation.HEALTH, cancel=cancel)
        return read_queue(answer)

    def history(self, prompt: str) -> Any:
        """What is kept of a prompt that has ended, as it comes."""
        return self.http.get_json(f"/history/{prompt}", operation=Operation.HEALTH, limits=_HISTORY)

    def ended(self, prompt: str) -> Ended | None:
        """How a prompt ended; None while the history does not know it."""
        return read_ended(self.history(prompt), prompt)

    def where(self, prompt: str, queue: Queue | None = None) -> Whereabouts:
        """Where a prompt is.  ``queue`` is asked first, so that no end falls between the two."""
        queue = self.queue() if queue is None else queue
        found = locate(queue, self.history(prompt), prompt)
        if isinstance(found, Nowhere) and prompt in self.queue():
            return Waits(before=0)  # it came between the two questions
        return found

    def submit(self, prompt: str, nodes: Mapping[str, Any], client: str, *, where: str) -> None:
        """Hand the nodes over under the id ``prompt``; never repeated by itself.

        Raises:
            InputError: it refuses them, or some of them (then nothing of it is left to run).
            ServiceLost, ServiceRefused: nobody knows whether it took them: look before asking again.
        """
        answer = self.http.post(
            "/prompt",
            {"prompt": nodes, "prompt_id": prompt, "client_id": client, "extra_data": {}},
            accept=_ANSWERS,
            repeatable=False,
            limits=_HISTORY,
        )
        value = answer.json()
        if answer.status != 200:
            raise refusal(answer.status, value, where)
        if isinstance(value, Mapping) and value.get("node_errors"):
            # The outputs that it did not like are dropped without a word: that is not our film.
            self.stop(prompt)
            raise refusal(answer.status, value, where)

    def stop(self, prompt: str) -> None:
        """Ask it to give a prompt up, waiting or running; others' are never touched.

        No promise: whoever asks watches the end, and asks again.
        """
        if self._jobs_api and self._stopped_job(prompt):
            return
        queue = self.queue()
        if prompt in queue.waiting:
            self.http.post("/queue", {"delete": [prompt]}, repeatable=True)
        elif prompt in queue.running:
            self.http.post("/interrupt", {"prompt_id": prompt}, repeatable=True)

    def _stopped_job(self, prompt: str) -> bool:
        """Whether the jobs API took it; older servers have none, or one that only tells."""
        try:
            self.http.post(f"/api/jobs/{prompt}/cancel", {}, repeatable=True)
        except ServiceRefused as error:
            if error.status not in (404, 405):
                raise
            self._jobs_api = False
        return self._jobs_api

    def free(self) -> None:
        """Ask it to unload its models and forget what it keeps; it does so between prompts."""
        self.http.post("/free", {"unload_models": True, "free_memory": True}, repeatable=True)

    def forget(self, prompts: Collection[str]) -> None:
        """Take prompts of ours out of its history; their files stay."""
        self.http.post("/history", {"delete": list(prompts)}, repeatable=True)

    def upload(
        self,
        path: Path,
        name: str,
        cancel: CancelFlag | None = None,
        *,
        subfolder: str = UPLOADS,
        folder: str = "input",
    ) -> str:
        """Put a file into a folder of the server's; its name there, as a loader takes it.

        The same name with the same bytes is the same file, so asking twice does no harm.
        """
        form = Form({"subfolder": subfolder, "type": folder}, {"image": (name, path)})
        ask = Ask(method="POST", path="/upload/image", repeatable=True, cancel=cancel)
        answer = send(self.http, ask, form).json()
        if not isinstance(answer, Mapping):
            raise self._nonsense("/upload/image")
        called = served_name(answer.get("name"), self.http.who)
        place = answer.get("subfolder", "")
        if called != answer.get("name") or place not in ("", subfolder):
            raise self._nonsense("/upload/image")
        return f"{place}/{called}" if place else called

    def loras(self) -> tuple[str, ...]:
        """The LoRAs it can load now, as a loader names them: it looks into its folders anew."""
        answer = self.http.get_json("/models/loras", operation=Operation.SHORT)
        names = answer if isinstance(answer, list) else []
        return tuple(each for each in names if isinstance(each, str) and 0 < len(each) <= 500)

    def fetch(
        self, file: OutputFile, path: Path, cancel: CancelFlag | None = None, most: int = 8 * 2**30
    ) -> Fetched:
        """The file as ``path``.

        Raises:
            ServiceRefused: it is not there any more (status 404).
        """
        ask = Ask(
            method="GET", path="/view", params=file.query, operation=Operation.SHORT, cancel=cancel
        )
        return fetch(self.http, ask, path, types=_types(file), most=most)

    def close(self) -> None:
        """End the connections."""
        self.http.close()

    def _nonsense(self, path: str) -> BadAnswer:
        return BadAnswer(
            f"{self.http.who} answered {path} with what makes no sense.",
            remedy="Check that the address is a ComfyUI server's.",
        )


def _types(file: OutputFile) -> tuple[str, ...]:
    """Beginnings of the content types that such a file may come with."""
    kind = SUFFIXES.get(file.suffix, "other")
    guessed = mimetypes.guess_type(f"x{file.suffix}")[0] or ""
    usual = {"image": "image/", "video": "video/", "audio": "audio/"}.get(kind)
    if usual is None:
        return ()
    # Servers guess by the system's table; what it does not know comes as plain bytes.
    return tuple({usual, "application/octet-stream", "application/ogg", guessed or usual})


def check_uuid(prompt: str) -> str:
    """``prompt``, if newer servers would take it: a canonical lower-case UUID.

    Raises:
        InputError: it is none.
    """
    parts = [len(part) for part in prompt.split("-")]
    if parts != [8, 4, 4, 4, 12] or any(char not in "0123456789abcdef-" for char in prompt):
        raise InputError(
            f"'{prompt[:60]}' is no id that ComfyUI takes.",
            remedy="This is a bug: please report it with the log.",
        )
    return prompt
