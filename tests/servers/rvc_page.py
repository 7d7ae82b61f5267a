"""A scripted RVC web page: Gradio 3's questions, one voice loaded for everybody."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

from .misbehaving import Line, Misbehaving, Request, answer, says

_CONVERT = (
    "slider", "audio", "number", "radio", "textbox", "slider", "slider", "slider", "slider",
)  # fmt: skip


class RvcPageServer(Misbehaving):
    """Gives a line back as it was; ``converted`` is (voice, arguments) of each."""

    def __init__(self) -> None:
        super().__init__()
        self.voices: dict[str, bytes] = {"anna.pth": b"weights"}
        self.indexes: dict[str, str] = {"anna.pth": "logs/anna/added_IVF.index"}
        self.loaded = ""
        self.converted: list[tuple[str, list[Any]]] = []
        self.fails = ""  #: what it says in place of a sound
        self.hands_out = True  #: whether voices can be fetched
        self.inputs: tuple[str, ...] = _CONVERT
        self._sounds: dict[str, bytes] = {}
        self.on("/config", self._config)
        self.on("/api/infer_refresh", self._refresh)
        self.on("/api/infer_change_voice", self._change)
        self.on("/api/infer_convert", self._convert)
        self.on("*", self._file)

    def config(self) -> dict[str, Any]:
        """The page's description of itself."""
        kinds: list[str] = []
        dependencies = []
        for name, inputs in self.calls().items():
            ids = range(len(kinds), len(kinds) + len(inputs))
            kinds += inputs
            dependencies.append({"api_name": name, "inputs": list(ids), "outputs": []})
        components = [{"id": id, "type": kind, "props": {}} for id, kind in enumerate(kinds)]
        return {"version": "3.14.0\n", "components": components, "dependencies": dependencies}

    def calls(self) -> dict[str, tuple[str, ...]]:
        """Its functions and what they take."""
        return {
            "infer_refresh": (),
            "infer_change_voice": ("dropdown", "slider", "slider"),
            "infer_convert": self.inputs,
        }

    def _config(self, request: Request, line: Line) -> None:
        says(self.config())(request, line)

    def _refresh(self, request: Request, line: Line) -> None:
        update = {"choices": sorted(self.voices), "__type__": "update"}
        says({"data": [update], "is_generating": False})(request, line)

    def _change(self, request: Request, line: Line) -> None:
        name = json.loads(request.body)["data"][0]
        if name not in self.voices:
            says({"error": None}, 500)(request, line)
            return
        self.loaded = name
        index = {"value": self.indexes.get(name, ""), "__type__": "update"}
        says({"data": [{}, {}, {}, index, index], "is_generating": False})(request, line)

    def _convert(self, request: Request, line: Line) -> None:
        data = json.loads(request.body)["data"]
        if self.fails:
            says({"data": [self.fails, None], "is_generating": False})(request, line)
            return
        self.converted.append((self.loaded, data))
        name = f"/tmp/page/{len(self.converted)}.wav"
        self._sounds[name] = base64.b64decode(data[1]["data"].partition(",")[2])
        sound = {"name": name, "data": None, "is_file": True}
        says({"data": ["done", sound], "is_generating": False})(request, line)

    def _file(self, request: Request, line: Line) -> None:
        name = unquote(request.path.removeprefix("/file="))
        if name in self._sounds:
            answer(self._sounds[name], kind="audio/x-wav")(request, line)
            return
        voice = self.voices.get(name.removeprefix("assets/weights/"))
        if voice is None or not self.hands_out:
            answer(b"Internal Server Error", 500, "text/plain")(request, line)
        else:
            answer(voice, kind="application/octet-stream")(request, line)
