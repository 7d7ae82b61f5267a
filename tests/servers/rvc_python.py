"""A scripted rvc-python: one model and one set of parameters for everybody."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from .misbehaving import Line, Misbehaving, Request, answer, says

PARAMS = {
    "f0method": "rmvpe", "f0up_key": 0, "index_rate": 0.6, "filter_radius": 3, "resample_sr": 0,
    "rms_mix_rate": 0.25, "protect": 0.5,
}  # fmt: skip


class RvcServer(Misbehaving):
    """Gives a line back as it was; ``converted`` is (model, parameters) of each."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, list[str]] = {"somebody": ["somebody.pth"]}
        self.params: dict[str, Any] = dict(PARAMS)
        self.loaded = ""
        self.converted: list[tuple[str, dict[str, Any]]] = []
        self.lines: list[bytes] = []  #: what was converted
        self.uploads = 0
        self.meddling: dict[str, Any] = {}  #: what somebody else sets after each line
        self.unpacks = True
        paths: dict[str, Any] = {
            key: {} for key in ("/convert", "/params", "/models", "/models/{model_name}")
        }
        self.on("/openapi.json", says({"info": {"title": "FastAPI"}, "paths": paths}))
        self.on("/params", self._params)
        self.on("/convert", self._convert)
        self.on("/upload_model", self._upload)
        self.on("*", self._models)

    def _models(self, request: Request, line: Line) -> None:
        if request.path == "/models":
            says({"models": sorted(self.models)})(request, line)
            return
        name = request.path.removeprefix("/models/")
        if request.method != "POST" or name not in self.models:
            says({"detail": f"Model {name} not found."}, 400)(request, line)
            return
        self.loaded = name
        says({"message": "loaded"})(request, line)

    def _params(self, request: Request, line: Line) -> None:
        if request.method == "POST":
            self.params |= json.loads(request.body)["params"]
            says({"message": "updated"})(request, line)
        else:
            says(self.params)(request, line)

    def _convert(self, request: Request, line: Line) -> None:
        if not self.loaded:
            says({"detail": "No model loaded. Please load a model first."}, 400)(request, line)
            return
        self.converted.append((self.loaded, dict(self.params)))
        sound = base64.b64decode(json.loads(request.body)["audio_data"])
        self.lines.append(sound)
        self.params |= self.meddling
        answer(sound, kind="audio/wav")(request, line)

    def _upload(self, request: Request, line: Line) -> None:
        start = request.body.index(b"PK\x03\x04")
        with zipfile.ZipFile(io.BytesIO(request.body[start:])) as file:
            names = file.namelist()
        self.uploads += 1
        for name in names if self.unpacks else []:
            folder, _, inside = name.partition("/")
            self.models.setdefault(folder, []).append(inside)
        says({"message": "uploaded"})(request, line)
