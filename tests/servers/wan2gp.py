"""A scripted Wan2GP: its MCP server as WanGP 12.60 answers over HTTP, with jobs that take a moment.

What it does wrong is set on it: ``busy``, ``outcome``, ``falls``, ``frozen_jobs``; ``forget()`` is
a restart.  Settings it was given are in ``submitted``, uploads in ``uploads``.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any

from .misbehaving import Line, Misbehaving, Request, answer, redirect, says
from .sounds import mp4, wav

TOOLS = (
    "wangp_list_models", "wangp_get_model_availability", "wangp_get_default_settings",
    "wangp_generate", "wangp_get_job", "wangp_cancel_job", "wangp_create_gallery_upload",
    "wangp_create_gallery_download",
)  # fmt: skip
#: What each model gives.
MODELS = {
    "t2v_1.3B": "video", "ti2v_2_2": "video", "t2v_2_2": "video", "i2v_2_2": "video",
    "qwen3_tts_base": "audio", "stable_audio3_small_sfx": "audio", "ace_step_v1_5": "audio",
}  # fmt: skip


class Job:
    """One job: ``seconds`` from the time it was handed in."""

    def __init__(self, settings: dict[str, Any], seconds: float) -> None:
        self.id = uuid.uuid4().hex
        self.settings = settings
        self.began = time.monotonic()
        self.seconds = seconds
        self.cancelled_at: float | None = None

    def share(self) -> float:
        return min(1.0, (time.monotonic() - self.began) / max(self.seconds, 1e-6))


class Wan2GPServer(Misbehaving):
    """One job at a time."""

    def __init__(self, *, seconds: float = 0.15, tools: tuple[str, ...] = TOOLS) -> None:
        super().__init__()
        self.seconds = seconds
        self.tools = tools
        self.available = set(MODELS)
        self.submitted: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.cancels: list[str] = []
        self.busy = 0  #: how many submissions are refused
        self.falls = False  #: progress that goes back
        self.stops_after = 0.05  #: seconds until a cancelled job has stopped
        self.outcome: dict[str, Any] = {}  #: what differs from a good result
        self.link: str | None = None  #: a link in place of a good one
        self.body: bytes | None = None  #: a file in place of a good one
        self.broken_downloads = 0
        self.structured = True
        self._jobs: dict[str, Job] = {}
        self._gallery: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        self._guard = threading.Lock()  # guards all of the above while an answer is made
        self.on("/mcp", redirect("/mcp/", 307))
        self.on("/mcp/", self._mcp)
        self.on("*", self._other)

    def forget(self) -> None:
        """As after a restart: no job, no file."""
        with self._guard:
            self._jobs.clear()
            self._gallery.clear()
            self._links.clear()

    @property
    def running(self) -> int:
        """Jobs that are not done."""
        with self._guard:
            return sum(not self._done(job) for job in self._jobs.values())

    # --- the protocol ------------------------------------------------------------------------

    def _mcp(self, request: Request, line: Line) -> None:
        accepted = request.headers.get("accept", "")
        if "application/json" not in accepted or "text/event-stream" not in accepted:
            says({"error": "Not Acceptable"}, 406)(request, line)
            return
        asked = json.loads(request.body)
        with self._guard:
            value = self._result(asked["method"], asked["params"])
        says({"jsonrpc": "2.0", "id": asked["id"], "result": value})(request, line)

    def _result(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "WanGP", "version": "1.10.1"},
            }
        if method == "tools/list":
            return {"tools": [{"name": name} for name in self.tools]}
        try:
            value = getattr(self, params["name"])(**params["arguments"])
        except (KeyError, RuntimeError) as error:
            text = f"Error executing tool {params['name']}: {error.args[0]}"
            return {"content": [{"type": "text", "text": text}], "isError": True}
        plain = {"content": [{"type": "text", "text": json.dumps(value)}], "isError": False}
        return {**plain, "structuredContent": value} if self.structured else plain

    def wangp_get_model_availability(self, model_type: str) -> dict[str, Any]:
        status = "available" if model_type in self.available else "missing"
        return {"model_type": model_type, "status": status}

    def wangp_get_default_settings(self, model_type: str) -> dict[str, Any]:
        return {
            "model_type": model_type, "settings_version": 2.74, "prompt": "", "resolution": "832x480",
            "num_inference_steps": 30, "guidance_scale": 5.0, "flow_shift": 5.0, "video_length": 81,
            "multi_prompts_gen_type": "PG", "repeat_generation": 1, "activated_loras": [],
        }  # fmt: skip

    def wangp_generate(self, source: Any, wait: bool, event_limit: int) -> dict[str, Any]:
        assert wait is False
        if self.busy or any(not self._done(job) for job in self._jobs.values()):
            self.busy = max(0, self.busy - 1)
            raise RuntimeError("WanGP session already has a generation in progress")
        self.submitted.append(source)
        job = Job(source, self.seconds)
        self._jobs[job.id] = job
        return self._snapshot(job)

    def wangp_get_job(self, job_id: str, event_limit: int = 20) -> dict[str, Any]:
        if job_id not in self._jobs:
            raise KeyError(f"Unknown WanGP job_id: {job_id}")
        return self._snapshot(self._jobs[job_id])

    def wangp_cancel_job(self, job_id: str) -> dict[str, Any]:
        self.cancels.append(job_id)
        job = self._jobs[job_id]
        job.cancelled_at = job.cancelled_at or time.monotonic()
        return self._snapshot(job)

    def wangp_create_gallery_upload(self, filename: str) -> dict[str, Any]:
        return {"upload_url": self.link or f"/upload/{filename}"}

    def wangp_create_gallery_download(self, gallery_id: str) -> dict[str, Any]:
        token = uuid.uuid4().hex
        self._links[token] = gallery_id
        return {"download_url": self.link or f"/download/{token}"}

    def _done(self, job: Job) -> bool:
        if job.cancelled_at is not None:
            return time.monotonic() - job.cancelled_at >= self.stops_after
        return job.share() >= 1.0

    def _snapshot(self, job: Job) -> dict[str, Any]:
        share, steps = job.share(), int(job.settings["num_inference_steps"])
        shown = 1.0 - share if self.falls and share > 0.5 else share
        data = {
            "phase": "inference", "status": "", "progress": round(shown * 100),
            "current_step": int(share * steps), "total_steps": steps,
        }  # fmt: skip
        events = [
            {"kind": "started", "timestamp": 0.0, "data": None},
            {"kind": "progress", "timestamp": 0.0, "data": data},
            {"kind": "stream", "timestamp": 0.0, "data": {"stream": "stdout", "text": "x"}},
        ]
        result = self._finished(job) if self._done(job) else None
        return {
            "job_id": job.id, "done": result is not None, "created_at": 0.0, "updated_at": 0.0,
            "cancel_requested": job.cancelled_at is not None, "events": events, "result": result,
        }  # fmt: skip

    def _finished(self, job: Job) -> dict[str, Any]:
        good = {
            "success": True, "cancelled": False, "errors": [], "generated_files": [],
            "total_tasks": 1, "successful_tasks": 1, "failed_tasks": 0, "artifacts": [],
        }  # fmt: skip
        if job.cancelled_at is not None:
            return {**good, "success": False, "cancelled": True, "gallery_items": []}
        id, media = f"out-{job.id}", MODELS[job.settings["model_type"]]
        self._gallery[id] = self.body if self.body is not None else self._file(job, media)
        item = {"gallery_id": id, "media_type": media, "path": "C:\\WanGP\\outputs\\x"}
        return {**good, "gallery_items": [item], **self.outcome}

    def _file(self, job: Job, media: str) -> bytes:
        if media == "video":
            return mp4(frames=int(job.settings["video_length"]), fps=16)
        return wav(min(float(job.settings["duration_seconds"]), 3.0), 44_100)

    # --- files --------------------------------------------------------------------------------

    def _other(self, request: Request, line: Line) -> None:
        kind, _, name = request.path.strip("/").partition("/")
        if kind == "upload" and request.method == "PUT":
            with self._guard:
                self.uploads[f"in-{name}"] = request.body
            says({"status": "ok", "gallery_id": f"in-{name}"})(request, line)
            return
        with self._guard:
            body = self._gallery.get(self._links.pop(name, ""))
            if self.broken_downloads:
                self.broken_downloads -= 1
                line.keep = False
                return
        if body is None:
            says({"error": "gone"}, 404)(request, line)
        else:
            answer(body, kind="application/octet-stream")(request, line)


def page(title: str = "WanGP") -> Misbehaving:
    """Wan2GP's web page alone."""
    server = Misbehaving()
    server.on("/config", says({"title": title, "version": "5.29.0", "dependencies": []}))
    server.on("*", answer(b"<html>", kind="text/html"))
    return server
