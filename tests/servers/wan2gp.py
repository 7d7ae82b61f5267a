"""A scripted Wan2GP: its MCP server as WanGP 12.60 answers over HTTP, with jobs that take a moment.

What it does wrong is set on it: ``busy``, ``outcome``, ``fails``, ``falls``; ``forget()`` is a
restart.  Settings it was given are in ``submitted``, one for each task, and in ``handed_in`` by job;
``loads`` are the models it loaded, since it holds one; uploads are in ``uploads``.
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
    "wangp_generate", "wangp_get_job", "wangp_cancel_job", "wangp_list_gallery",
    "wangp_create_gallery_upload", "wangp_create_gallery_download",
)  # fmt: skip
#: What each model gives.
MODELS = {
    "t2v_1.3B": "video", "ti2v_2_2": "video", "t2v_2_2": "video", "i2v_2_2": "video",
    "qwen3_tts_base": "audio", "stable_audio3_small_sfx": "audio", "ace_step_v1_5": "audio",
}  # fmt: skip


class Task:
    """One of a job's tasks: when it begins and ends is known once it has begun."""

    def __init__(self, id: Any, settings: dict[str, Any]) -> None:
        self.id = id
        self.settings = settings
        self.began = 0.0
        self.ends = 0.0
        self.error = ""
        self.item: dict[str, Any] | None = None


class Job:
    """One job: its tasks one after the other."""

    def __init__(self, tasks: list[Task]) -> None:
        self.id = uuid.uuid4().hex
        self.tasks = tasks
        self.at = -1  #: which task is under way
        self.cancelled_at: float | None = None
        self.stopped = False
        self.events: list[dict[str, Any]] = []

    @property
    def done(self) -> bool:
        return self.stopped or self.at >= len(self.tasks)

    def tell(self, kind: str, data: Any = None) -> None:
        self.events.append({"kind": kind, "timestamp": 0.0, "data": data})


class Wan2GPServer(Misbehaving):
    """One job at a time; a task takes ``seconds``, and ``load_seconds`` more for another model."""

    def __init__(self, *, seconds: float = 0.15, tools: tuple[str, ...] = TOOLS) -> None:
        super().__init__()
        self.seconds = seconds
        self.load_seconds = 0.0
        self.tools = tools
        self.handed_in: list[list[dict[str, Any]]] = []
        self.loads: list[str] = []
        self.fails: dict[str, str] = {}  #: what is said of a task, by what its prompt holds
        self.numbers = True  #: whether its status tells which task is under way
        self.held: set[str] = set()  #: tasks that do not end, by what their prompts hold
        self.refuses = ""  #: no job is taken in which a prompt holds this
        self.names = True  #: whether files tell the id of their task
        self.available = set(MODELS)
        self.submitted: list[dict[str, Any]] = []
        self.begun: list[dict[str, Any]] = []  #: of these, what it began to work on
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
        self._items: list[dict[str, Any]] = []
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
            self._items.clear()
            self._gallery.clear()
            self.loads.append("")
            self._links.clear()

    def forget_done(self) -> None:
        """Keep nothing of jobs that are over: there may be thousands."""
        with self._guard:
            self._jobs = {id: job for id, job in self._jobs.items() if not self._advanced(job).done}
            self._items.clear()
            self._gallery.clear()
            self._links.clear()

    @property
    def running(self) -> int:
        """Jobs that are not done."""
        with self._guard:
            return sum(not self._advanced(job).done for job in self._jobs.values())

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
        if self.busy or any(not self._advanced(job).done for job in self._jobs.values()):
            self.busy = max(0, self.busy - 1)
            raise RuntimeError("WanGP session already has a generation in progress")
        given = source if isinstance(source, list) else [source]
        if self.refuses and self.refuses in json.dumps(given):
            raise KeyError("Unknown WanGP gallery_id: visual:gone")
        tasks = [
            Task(each.get("id", number), dict(each.get("params", each)))
            for number, each in enumerate(given, 1)
        ]
        asked = [
            {name: value for name, value in task.settings.items() if name != "client_id"}
            for task in tasks
        ]
        self.submitted.extend(asked)
        self.handed_in.append(asked)
        job = Job(tasks)
        job.tell("started", {"tasks": len(tasks)})
        self._jobs[job.id] = job
        return self._snapshot(job, event_limit)

    def wangp_get_job(self, job_id: str, event_limit: int = 20) -> dict[str, Any]:
        if job_id not in self._jobs:
            raise KeyError(f"Unknown WanGP job_id: {job_id}")
        return self._snapshot(self._jobs[job_id], event_limit)

    def wangp_cancel_job(self, job_id: str) -> dict[str, Any]:
        self.cancels.append(job_id)
        job = self._advanced(self._jobs[job_id])
        job.cancelled_at = job.cancelled_at or time.monotonic()
        return self._snapshot(job, 20)

    def wangp_list_gallery(self, media_type: str, limit: int) -> dict[str, Any]:
        assert media_type == "all"
        for job in self._jobs.values():
            self._advanced(job)
        return {"result": self._items[-limit:]}

    def wangp_create_gallery_upload(self, filename: str) -> dict[str, Any]:
        return {"upload_url": self.link or f"/upload/{filename}"}

    def wangp_create_gallery_download(self, gallery_id: str) -> dict[str, Any]:
        token = uuid.uuid4().hex
        self._links[token] = gallery_id
        return {"download_url": self.link or f"/download/{token}"}

    def _advanced(self, job: Job) -> Job:
        """The job as it is now: what ended meanwhile has ended, what comes next has begun."""
        now = time.monotonic()
        while not job.done:
            task = job.tasks[job.at] if job.at >= 0 else None
            stops = job.cancelled_at
            ends = task.ends if task else now
            if task is not None and any(part in str(task.settings["prompt"]) for part in self.held):
                task.ends = ends = max(ends, now + 0.01)
            if stops is not None and (task is None or stops + self.stops_after <= ends):
                if now >= stops + self.stops_after:
                    self._stop(job, task)
                break
            if now < ends:
                break
            if task is not None:
                self._end(job, task)
            self._begin(job, ends)
        return job

    def _begin(self, job: Job, at: float) -> None:
        job.at += 1
        if job.done:
            return
        task = job.tasks[job.at]
        self.begun.append({k: v for k, v in task.settings.items() if k != "client_id"})
        model = task.settings["model_type"]
        loading = not self.loads or self.loads[-1] != model
        if loading:
            self.loads.append(model)
        task.began = at
        task.ends = at + self.seconds + (self.load_seconds if loading else 0.0)

    def _end(self, job: Job, task: Task) -> None:
        prompt = str(task.settings.get("prompt", ""))
        said = next((text for part, text in self.fails.items() if part in prompt), "")
        if said:
            task.error = said
            job.tell("error", self._error(task))
            return
        media = MODELS[task.settings["model_type"]]
        id = f"out-{uuid.uuid4().hex}"
        self._gallery[id] = self.body if self.body is not None else self._file(task, media)
        named = task.settings if self.names else {**task.settings, "client_id": ""}
        task.item = {
            "gallery_id": id, "media_type": media, "path": "C:\\WanGP\\outputs\\x",
            "settings": {name: value for name, value in named.items() if value != ""},
        }  # fmt: skip
        self._items.append(task.item)
        job.tell("output")

    def _stop(self, job: Job, task: Task | None) -> None:
        if task is not None:
            task.error = "Generation was cancelled"
        job.stopped = True

    def _error(self, task: Task) -> dict[str, Any]:
        stopped = task.error == "Generation was cancelled"
        return {
            "message": task.error, "task_index": 1, "task_id": task.id,
            "stage": "cancelled" if stopped else "generation", "cancelled": stopped,
        }  # fmt: skip

    def _snapshot(self, job: Job, event_limit: int) -> dict[str, Any]:
        self._advanced(job)
        events = [*job.events]
        if not job.done and job.at >= 0:
            events.append({"kind": "progress", "timestamp": 0.0, "data": self._progress(job)})
            data = {"stream": "stdout", "text": "x"}
            events.append({"kind": "stream", "timestamp": 0.0, "data": data})
        result = self._finished(job) if job.done else None
        return {
            "job_id": job.id, "done": result is not None, "created_at": 0.0, "updated_at": 0.0,
            "cancel_requested": job.cancelled_at is not None, "events": events[-event_limit:],
            "result": result,
        }  # fmt: skip

    def _progress(self, job: Job) -> dict[str, Any]:
        task = job.tasks[job.at]
        share = (time.monotonic() - task.began) / max(task.ends - task.began, 1e-6)
        share, steps = min(1.0, share), int(task.settings["num_inference_steps"])
        shown = 1.0 - share if self.falls and share > 0.5 else share
        several = self.numbers and len(job.tasks) > 1
        status = f"Prompt {job.at + 1}/{len(job.tasks)} - Denoising" if several else "Denoising"
        return {
            "phase": "inference", "status": status, "progress": round(shown * 100),
            "current_step": int(share * steps), "total_steps": steps,
        }  # fmt: skip

    def _finished(self, job: Job) -> dict[str, Any]:
        items = [task.item for task in job.tasks if task.item is not None]
        errors = [self._error(task) for task in job.tasks if task.error]
        stopped = bool(errors) and all(error["cancelled"] for error in errors)
        if job.stopped and not errors:
            stopped, errors = True, [{"message": "Generation was cancelled", "task_index": None,
                                      "task_id": None, "stage": "cancelled", "cancelled": True}]  # fmt: skip
        return {
            "success": not errors, "cancelled": stopped, "errors": errors, "generated_files": [],
            "total_tasks": len(job.tasks), "successful_tasks": len(items),
            "failed_tasks": len(errors), "artifacts": [], "gallery_items": items, **self.outcome,
        }  # fmt: skip

    def _file(self, task: Task, media: str) -> bytes:
        if media == "video":
            times = int((task.settings.get("temporal_upsampling") or "rife1")[-1])
            frames = (int(task.settings["video_length"]) - 1) * times + 1
            return mp4(frames=frames, fps=16 * times)
        return wav(min(float(task.settings["duration_seconds"]), 3.0), 44_100)

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
