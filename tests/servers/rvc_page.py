"""A scripted RVC web page: Gradio 3's questions, one voice loaded for everybody."""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from .misbehaving import Line, Misbehaving, Request, answer, says

_CONVERT = (
    "slider", "audio", "number", "radio", "textbox", "slider", "slider", "slider", "slider",
)  # fmt: skip


#: What ``train_start_all`` takes, with what the page has in it.
_TRAIN: tuple[tuple[str, Any], ...] = (
    ("textbox", "mi-test"), ("radio", "40k"), ("radio", True), ("textbox", ""), ("slider", 0),
    ("slider", 4), ("radio", "rmvpe"), ("slider", 5), ("slider", 20), ("slider", 8),
    ("radio", "否"), ("textbox", "assets/pretrained_v2/f0G40k.pth"),
    ("textbox", "assets/pretrained_v2/f0D40k.pth"), ("textbox", "0"), ("radio", "否"),
    ("radio", "否"), ("radio", "v2"), ("textbox", "0-0"),
)  # fmt: skip


class RvcPageServer(Misbehaving):
    """Gives a line back as it was; ``converted`` is (voice, arguments) of each.

    ``trained`` is what each training was asked, with the names of its recordings.  Training tells
    of itself one answer at a time, and holds the page until it was heard out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.voices: dict[str, bytes] = {"anna.pth": b"weights"}
        self.indexes: dict[str, str] = {"anna.pth": "logs/anna/added_IVF.index"}
        self.loaded = ""
        self.converted: list[tuple[str, list[Any]]] = []
        self.lines: list[bytes] = []  #: what was converted
        self.fails = ""  #: what it says in place of a sound
        self.hands_out = True  #: whether voices can be fetched
        self.inputs: tuple[str, ...] = _CONVERT
        self._sounds: dict[str, bytes] = {}
        self.trained: list[tuple[list[Any], list[str]]] = []
        self.trains = True  #: whether training leaves a voice
        self.stops = 0
        self._training: dict[str, Iterator[str]] = {}
        self._holder = ""
        self.on("/config", self._config)
        self.on("/api/train_start_all", self._train)
        self.on("/api/predict", self._stop)
        self.on("/api/infer_refresh", self._refresh)
        self.on("/api/infer_change_voice", self._change)
        self.on("/api/infer_convert", self._convert)
        self.on("*", self._file)

    def forget(self) -> None:
        """As after a restart: no voice loaded, no training under way, no sound kept."""
        self.loaded, self._holder = "", ""
        self._training.clear()
        self._sounds.clear()

    def forget_sounds(self) -> None:
        """Keep no sound that was made: there may be thousands."""
        self._sounds.clear()

    def config(self) -> dict[str, Any]:
        """The page's description of itself."""
        components: list[dict[str, Any]] = []
        dependencies: list[dict[str, Any]] = []
        told = 9000
        for name, inputs in self.calls().items():
            ids = [*range(len(components), len(components) + len(inputs))]
            for id, (kind, value) in zip(ids, inputs, strict=True):
                components.append({"id": id, "type": kind, "props": {"value": value}})
            told += 1
            dependencies.append({"api_name": name, "inputs": ids, "outputs": [told]})
        dependencies.append({"api_name": None, "inputs": [], "outputs": [told]})
        return {"version": "3.14.0\n", "components": components, "dependencies": dependencies}

    def calls(self) -> dict[str, tuple[tuple[str, Any], ...]]:
        """Its functions and what they take; the last one has a button that stops it."""
        return {
            "infer_refresh": (),
            "infer_change_voice": (("dropdown", ""), ("slider", 0.33), ("slider", 0.33)),
            "infer_convert": tuple((kind, None) for kind in self.inputs),
            "train_start_all": _TRAIN,
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

    def _train(self, request: Request, line: Line) -> None:
        asked = json.loads(request.body)
        session = asked["session_hash"]
        if session not in self._training:
            self._training[session] = self._tells(session, asked["data"])
        told = next(self._training[session], None)
        if told is None:
            del self._training[session]
        more = told is not None
        says({"data": [told, None, None, None], "is_generating": more})(request, line)

    def really_last(self, request: Request) -> None:
        """The training that is asked about goes to its end, and nobody hears of it."""
        for _ in self._training.pop(json.loads(request.body)["session_hash"]):
            continue

    def _tells(self, session: str, data: list[Any]) -> Iterator[str]:
        if self._holder:
            yield "busy"
            return
        self._holder, stops = session, self.stops
        names = sorted(each.name for each in pathlib.Path(data[3]).iterdir())
        self.trained.append((data, names))
        yield "starting"
        yield "✓ cut"
        yield "✓ cut\n✓ heard"
        for epoch in range(1, data[8] + 1):
            if self.stops > stops:
                break
            yield f"✓ cut\n✓ heard\nINFO ====> 轮次：{epoch} [12:00:00]"
        if self.stops == stops and self.trains:
            self.voices[f"{data[0]}.pth"] = b"learned " + data[0].encode()
            self.indexes[f"{data[0]}.pth"] = f"logs/{data[0]}/added.index"
        self._holder = ""
        yield "stopped" if self.stops > stops else "✓ cut\n✓ heard\n✓ learned\n✓ index"

    def _stop(self, request: Request, line: Line) -> None:
        assert json.loads(request.body)["fn_index"] == 4, "the function after train_start_all"
        self.stops += 1
        says({"data": ["stopped", None, None], "is_generating": False})(request, line)

    def _convert(self, request: Request, line: Line) -> None:
        data = json.loads(request.body)["data"]
        if self.fails:
            says({"data": [self.fails, None], "is_generating": False})(request, line)
            return
        self.converted.append((self.loaded, data))
        name = f"/tmp/page/{len(self.converted)}.wav"
        self._sounds[name] = base64.b64decode(data[1]["data"].partition(",")[2])
        self.lines.append(self._sounds[name])
        sound = {"name": name, "data": None, "is_file": True}
        says({"data": ["done", sound], "is_generating": False})(request, line)

    def _file(self, request: Request, line: Line) -> None:
        name = unquote(request.path.removeprefix("/file="))
        if name in self._sounds:
            answer(self._sounds[name], kind="audio/x-wav")(request, line)
            return
        voice = self.voices.get(name.removeprefix("assets/weights/"))
        if name in self.indexes.values() and name.endswith("added.index"):
            voice = b"index"
        if voice is None or not self.hands_out:
            answer(b"Internal Server Error", 500, "text/plain")(request, line)
        else:
            answer(voice, kind="application/octet-stream")(request, line)
