"""A scripted speech server: OpenAI's ``/v1/audio/speech`` as Kokoro-FastAPI answers it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from .misbehaving import Line, Manner, Misbehaving, Request, answer, says
from .sounds import wav

VOICES = ("af_bella", "af_heart", "am_adam", "am_michael", "bf_emma", "bm_george")
LETTERS_PER_SECOND = 15.0


class SpeechServer(Misbehaving):
    """Says each line at fifteen letters a second; ``said`` is what it was asked to say."""

    def __init__(self, voices: Sequence[str] = VOICES, *, title: str = "Kokoro TTS API") -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []
        self.voices = tuple(voices)
        paths = {"/v1/audio/speech": {}, "/v1/audio/voices": {}, "/v1/models": {}}
        self.on("/openapi.json", says({"info": {"title": title, "version": "0.3"}, "paths": paths}))
        self.on("/v1/audio/voices", says({"voices": list(self.voices)}))
        self.on("/v1/models", says({"data": [{"id": "tts-1-hd"}, {"id": "kokoro"}]}))
        self.on("/v1/audio/speech", self.speak)

    def speak(self, request: Request, line: Line) -> None:
        """Say it, or answer as Kokoro does where the voice is unknown."""
        asked = json.loads(request.body)
        self.said.append(asked)
        if self.voices and asked["voice"] not in self.voices:
            says({"detail": {"error": "validation_error"}}, 400)(request, line)
            return
        seconds = len(asked["input"]) / LETTERS_PER_SECOND / asked["speed"]
        pitch = 150.0 + zlib.crc32(asked["input"].encode()) % 100  # no two lines are the same sound
        self.sound(wav(seconds, pitch=pitch))(request, line)

    def sound(self, body: bytes, kind: str = "audio/wav") -> Manner:
        """A body as a sound."""
        return answer(body, kind=kind)
