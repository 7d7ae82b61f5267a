"""Scripted pages with Gradio 3 of AudioLDM 2, MusicGen, Stable Audio and Applio: the plain call,
which answers at the end and says nothing before.  The same against real Gradio: ``gradio_app``."""

from __future__ import annotations

import json
import time
from typing import Any

from .misbehaving import Line, Misbehaving, Request, answer, says
from .sounds import wav

Part = tuple[str, str, Any, list[str]]


def part(kind: str, label: str = "", value: Any = None, *choices: str) -> Part:
    return kind, label, value, list(choices)


class GradioPage(Misbehaving):
    """``asked_for`` is what was asked for; ``seconds`` is how long each takes."""

    def __init__(self, name: str, inputs: list[Part], gives: list[str], *, file_at: int) -> None:
        super().__init__()
        self.seconds = 0.15
        self.asked_for: list[list[Any]] = []
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
        page = {"version": "3.50.2", "components": components, "dependencies": [click]}
        self.on("/config", says(page))
        self.on("/favicon.ico", answer(b"", status=404))
        self.on("/upload", says(["/sent"]))
        self.on(f"/api/{name}" if name else "/run/predict", self._make)
        self.on("/file=/made.wav", answer(wav(5.0), kind="audio/wav"))

    def _make(self, request: Request, line: Line) -> None:
        self.asked_for.append(json.loads(request.body)["data"])
        time.sleep(self.seconds)  # as long as a real one works
        data: list[Any] = list(self._outputs)
        data[self._file_at] = {"name": "/made.wav", "is_file": True}
        says({"data": data})(request, line)


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
