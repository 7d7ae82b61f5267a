"""A scripted ACE-Step 1.5: its REST server, with tasks that take a moment and cannot be stopped."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from .misbehaving import Line, Misbehaving, Request, answer, says
from .sounds import wav


class AceStepServer(Misbehaving):
    """``asked_for`` is what was handed in, ``sounds`` what is made of it; ``failing`` has every task fail."""

    def __init__(self, *, seconds: float = 0.15) -> None:
        super().__init__()
        self.seconds = seconds
        self.asked_for: list[dict[str, Any]] = []
        self.failing = False
        self.result: dict[str, Any] = {}  #: what differs in a good result
        self.body: bytes | None = None
        self.sounds: Callable[[dict[str, Any]], bytes] = lambda asked: wav(3.0, 48_000)
        self._tasks: dict[str, tuple[float, float]] = {}
        self._asked: dict[str, dict[str, Any]] = {}
        self._guard = threading.Lock()  # guards _tasks
        paths: dict[str, Any] = {
            key: {} for key in ("/release_task", "/query_result", "/v1/audio", "/health")
        }
        self.on("/openapi.json", says({"info": {"version": "1.5"}, "paths": paths}))
        self.on("/health", says(self._wrapped({"status": "ok"})))
        self.on("/release_task", self._release)
        self.on("/query_result", self._query)
        self.on("/v1/audio", self._audio)

    def forget(self) -> None:
        """As after a restart: it knows no task, and the files that it made lie where they lay."""
        with self._guard:
            self._tasks.clear()

    @property
    def running(self) -> int:
        with self._guard:
            return sum(time.monotonic() < ends for _, ends in self._tasks.values())

    @staticmethod
    def _wrapped(data: Any) -> dict[str, Any]:
        return {"data": data, "code": 200, "error": None, "timestamp": 0, "extra": None}

    def _release(self, request: Request, line: Line) -> None:
        asked = json.loads(request.body)
        self.asked_for.append(asked)
        id = str(uuid.uuid4())
        now = time.monotonic()
        with self._guard:
            self._tasks[id] = (now, now + self.seconds)
            self._asked[id] = asked
        data = {"task_id": id, "status": "queued", "queue_position": 1}
        says(self._wrapped(data))(request, line)

    def _query(self, request: Request, line: Line) -> None:
        ids = json.loads(request.body)["task_id_list"]
        says(self._wrapped([self._told(id) for id in ids]))(request, line)

    def _told(self, id: str) -> dict[str, Any]:
        with self._guard:
            began, ends = self._tasks.get(id, (0.0, 0.0))
        if not ends:
            return {"task_id": id, "status": 2, "result": "[]"}
        share = (time.monotonic() - began) / max(ends - began, 1e-6)
        if share < 1:
            told = [{"file": "", "progress": share, "stage": "diffusing"}]
            return {"task_id": id, "status": 0, "result": json.dumps(told)}
        if self.failing:
            told = [{"file": "", "error": "no model loaded"}]
            return {"task_id": id, "status": 2, "result": json.dumps(told)}
        good = {
            "file": f"/v1/audio?path=%2Ftmp%2F{id}.wav", "seed_value": "3", "progress": 1.0,
            "dit_model": "acestep-v15-turbo", **self.result,
        }  # fmt: skip
        return {"task_id": id, "status": 1, "result": json.dumps([good])}

    def _audio(self, request: Request, line: Line) -> None:
        id = unquote(request.target).rpartition("/")[2].removesuffix(".wav")
        with self._guard:
            asked = self._asked.get(id, {})
        body = self.body if self.body is not None else self.sounds(asked)
        answer(body, kind="audio/wav")(request, line)
