"""Scripted pages with Gradio 3 of AudioLDM 2, MusicGen, Stable Audio and Applio: the plain call,
which answers at the end and says nothing before.  The same against real Gradio: ``gradio_app``."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from .misbehaving import Line, Misbehaving, Request, answer, says
from .sounds import wav

Part = tuple[str, str, Any, list[str]]


def part(kind: str, label: str = "", value: Any = None, *choices: str) -> Part:
    return kind, label, value, list(choices)


class GradioPage(Misbehaving):
    """``asked_for`` is what was asked for, ``seconds`` how long each takes.

    ``sounds`` gives the sound of what was asked for, b"" for none; ``fault`` is "", "error" or "null": how it ends.
    ``uploads`` are the files it was sent, as they came, by where they lie.
    """

    def __init__(self, name: str, inputs: list[Part], gives: list[str], *, file_at: int) -> None:
        super().__init__()
        self.seconds = 0.15
        self.asked_for: list[list[Any]] = []
        self.sounds: Callable[[list[Any]], bytes] = lambda asked: wav(5.0)
        self.fault = ""
        self.run = 1  #: of the program: another one after a restart
        self.uploads: dict[str, bytes] = {}
        self._made: dict[str, bytes] = {}
        self._numbers = itertools.count(1)
        self._outputs = [None] * len(gives)
        self._file_at = file_at
        parts = [*inputs, *(part(kind) for kind in gives)]
        components = [
            {"id": number, "type": kind, "props": {"label": label, "value": value, "choices": choices}}
            for number, (kind, label, value, choices) in enumerate(parts)
        ]  # fmt: skip
        ids = list(range(len(parts)))
        click = {
            "inputs": ids[: len(inputs)],
            "outputs": ids[len(inputs) :],
            "api_name": name or None,
        }
        self._page = {"version": "3.50.2", "components": components, "dependencies": [click]}
        self.on("/config", self._config)
        self.on("/favicon.ico", answer(b"", status=404))
        self.on("/upload", self._upload)
        self.call = f"/api/{name}" if name else "/run/predict"  #: where it is asked to make it
        self.on(self.call, self._make)
        self.on("*", self._file)

    def forget(self) -> None:
        """As after a restart: another run, and no file of the last one is there any more."""
        self.run += 1
        self.uploads.clear()
        self._made.clear()

    def _config(self, request: Request, line: Line) -> None:
        says({**self._page, "app_id": self.run})(request, line)

    def _upload(self, request: Request, line: Line) -> None:
        place = f"/sent/{next(self._numbers)}"
        self.uploads[place] = request.body
        says([place])(request, line)

    def _make(self, request: Request, line: Line) -> None:
        asked = json.loads(request.body)["data"]
        self.asked_for.append(asked)
        time.sleep(self.seconds)  # as long as a real one works
        if self.fault == "error":
            says({"error": "CUDA error"}, 500)(request, line)
            return
        name, sound = f"/made/{next(self._numbers)}.wav", self.sounds(asked)
        self._made[name] = sound
        data: list[Any] = list(self._outputs)
        if self.fault != "null" and sound:
            data[self._file_at] = {"name": name, "is_file": True}
        says({"data": data})(request, line)

    def _file(self, request: Request, line: Line) -> None:
        body = self._made.get(request.path.removeprefix("/file="))
        if body is None:
            answer(b"", 404)(request, line)
        else:
            answer(body, kind="audio/wav")(request, line)


def audioldm2() -> GradioPage:
    kinds = ("textbox", "slider", "slider", "number", "slider")
    return GradioPage("text2audio", [part(kind) for kind in kinds], ["video"], file_at=0)


def musicgen() -> GradioPage:
    inputs = [
        part("radio", "Model", "facebook/musicgen-melody", "facebook/musicgen-melody"),
        part("textbox", "Model Path"),
        part("radio", "Decoder", "Default"),
        part("textbox", "Input Text"),
        part("audio", "File"),
        part("slider", "Duration", 10),
        part("number", "Top-k", 250),
        part("number", "Temperature", 1.0),
    ]
    return GradioPage("predict_full", inputs, ["video", "audio", "video", "audio"], file_at=1)


def stable_audio() -> GradioPage:
    inputs = [
        part("textbox"),
        part("textbox"),
        part("slider", "Seconds total", 47),
        part("slider", "CFG scale", 7.0),
        part("slider", "Steps", 100),
        part("textbox", "Seed (set to -1 for random seed)", "-1"),
        part("dropdown", "Sampler type", "dpmpp-3m-sde"),
        part("dropdown", "File format", "wav"),
        part("dropdown", "File naming", "verbose"),
        part("checkbox", "Cut to seconds total", False),
    ]
    return GradioPage("generate", inputs, ["audio", "gallery"], file_at=0)


def applio() -> GradioPage:
    kinds = (
        *("checkbox", "slider", "slider", "slider", "slider", "radio", "dropdown", "textbox"),
        *("dropdown", "dropdown", "checkbox", "checkbox", "slider", "checkbox", "slider"),
        *("checkbox", "slider", "radio", *("slider",) * 42),
    )
    inputs = [part(kind) for kind in kinds]
    inputs[5] = part("radio", "Pitch extraction", "rmvpe", "crepe", "rmvpe")
    inputs[17] = part("radio", "Export Format", "WAV", "WAV", "MP3")
    return GradioPage("", inputs, ["textbox", "audio"], file_at=1)
