# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech by any server that speaks OpenAI's ``/v1/audio/speech``: Kokoro-FastAPI, Chatterbox, others.

One question, one answer: the whole line as a sound file.  The server keeps nothing of it, so
after a crash there is nothing to take up, and a line that was given up may still be spoken there
for some seconds.  Which voice a character gets is in ``_service/casting``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.errors import BadAnswer, ServiceRefused, StepFailed, Unauthorised
from ..core.executor import Health, Want
from ..core.patience import Operation
from ..core.step import SPEECH, Option, Step
from ._http import Ask, Http
from ._service import Errand, Found, Made, Served
from ._service.casting import NEUTRAL, choose_voice, listed_voices, named_voice, seed_of
from ._wording import Speech, speech_of

__all__ = ["EXECUTOR", "OpenAISpeech"]

_SPEECH = "/v1/audio/speech"
#: Where servers list their voices: Kokoro-FastAPI, then the Chatterbox servers.
_VOICES = ("/v1/audio/voices", "/v1/voices", "/voices")
#: A proxy for language models lists the call too, and has mostly no voice behind it.
_PROXIES = ("litellm",)
#: OpenAI's own bounds (https://platform.openai.com/docs/api-reference/audio, read 2026-11-24).
_SLOWEST, _FASTEST = 0.25, 4.0
_LONGEST = 4096
#: The largest line taken: twenty minutes at 48 kHz, 32 bits, two channels.
_MOST_BYTES = 512 * 2**20
#: Seconds a line takes beside what it lasts, and for each second of it: Kokoro on a CPU, as its
#: authors give it (https://github.com/remsky/Kokoro-FastAPI, read 2026-11-24); a first guess.
_START_S, _PACE = 1.0, 0.3
_MODEL_WORDS = ("kokoro", "tts", "speech", "chatterbox", "voice")


class OpenAISpeech(Served):
    """Speaks lines."""

    name = "openai_speech"
    title = "The speech server"
    usual = ("127.0.0.1:8880", "127.0.0.1:4123")

    def recognise(self, http: Http) -> Found | None:
        """A server whose own description lists the call, or that lists voices for it."""
        described = _json(http, "/openapi.json")
        about = described.get("info", {}) if isinstance(described, dict) else {}
        title = str(about.get("title", "")) if isinstance(about, dict) else ""
        if any(proxy in title.lower() for proxy in _PROXIES):
            return None
        paths = described.get("paths", {}) if isinstance(described, dict) else {}
        named = isinstance(paths, dict) and _SPEECH in paths
        voices = _voices(http, paths if named else {_VOICES[0]: {}})
        if not named and not voices:
            return None
        model = _model(http)
        return Found(
            name=title[:100],
            version=str(about.get("version", ""))[:50] if named else "",
            kinds=frozenset({SPEECH}),
            models=(model,),
            facts={"voices": voices, "model": model},
        )

    def feel(self, http: Http) -> Health:
        """What it lists as models: every server of this kind answers that, and at once."""
        http.ask(
            Ask(method="GET", path="/v1/models", operation=Operation.HEALTH, accept=(200, 404))
        )
        return Health()

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to say a line."""
        if want.kind != SPEECH or want.backend.get("service", "auto") != "auto":
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="speech", seconds=seconds),)

    def unwilling(self, step: Step, found: Found) -> str | None:
        """A voice it has not, or a line without words."""
        said = speech_of(step.inputs)
        source = said.voice.get("source", "")
        if source and named_voice(found.facts["voices"], source) is None:
            return f"it has no voice called '{source}'"
        if not _words(said.text):
            return "there is nothing to say in it"
        if len(_words(said.text)) > _LONGEST:
            return f"it says at most {_LONGEST} letters at once"
        return None

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Say the line."""
        del option
        said = speech_of(errand.inputs)
        identity = errand.inputs["speaker"]["identity"] or said.speaker
        voice = _voice(said, identity, found)
        asked = _asked(said, identity, voice, found)
        errand.accepted()
        errand.progress(0.0, f"speaking as {said.speaker}")
        ask = Ask(
            method="POST",
            path=_SPEECH,
            body=json.dumps(asked).encode(),
            content_type="application/json",
            operation=Operation.SHORT,
            cancel=errand.cancel,
            # It keeps nothing: saying a line twice costs time and changes nothing.
            repeatable=True,
        )
        try:
            fetched = errand.fetch(ask, most=_MOST_BYTES)
        except ServiceRefused as error:
            raise _failed(error, voice, errand) from error
        recipe = {
            "service": found.name or self.title,
            "service_version": found.version,
            "model": asked["model"],
            "voice": voice,
            "speed": asked["speed"],
            "seed": asked["seed"],
        }
        heard = f"{recipe['service']}, {asked['model']}, {voice}, speed {asked['speed']:g}"
        return Made(path=fetched.path, recipe=recipe, facts={"voice": heard})


#: What the discovery looks for.
EXECUTOR = OpenAISpeech


def _json(http: Http, path: str) -> Any:
    """What is at ``path``, None where there is no such page or it is no JSON."""
    try:
        answer = http.ask(
            Ask(method="GET", path=path, operation=Operation.HEALTH, accept=(200, 404, 405))
        )
        return answer.json() if answer.status == 200 else None
    except Unauthorised:
        raise
    except (BadAnswer, ServiceRefused):
        return None


def _voices(http: Http, paths: Mapping[str, Any]) -> tuple[str, ...]:
    for path in _VOICES:
        if path in paths:
            found = listed_voices(_json(http, path))
            if found:
                return found
    return ()


def _model(http: Http) -> str:
    """A model for speech that it lists; OpenAI's own name where it lists none."""
    listed = _json(http, "/v1/models")
    entries = listed.get("data", ()) if isinstance(listed, dict) else ()
    ids: list[str] = [
        each["id"]
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    ]
    for word in _MODEL_WORDS:
        found = next((id for id in sorted(ids) if word in id.lower()), None)
        if found:
            return found
    return "tts-1"


def _words(text: str) -> str:
    """What is spoken of a line: without direction in parentheses."""
    from ._animatic.audio.language import spoken_parts  # loads the synthesiser: only when needed

    return " ".join(part.text for part in spoken_parts(text) if part.text)


def _voice(said: Speech, identity: str, found: Found) -> str:
    from ._animatic.audio.voice_hints import hints_in

    voices, source = found.facts["voices"], said.voice.get("source", "")
    if source:
        return named_voice(voices, source) or str(source)
    if not voices:
        return NEUTRAL
    hints = hints_in(said.speaker, said.description)
    return choose_voice(
        voices,
        identity,
        hints.sex,
        number=int(said.voice.get("number", 0)),
        language=said.language or hints.language,
    )


def _asked(said: Speech, identity: str, voice: str, found: Found) -> dict[str, Any]:
    asked = {
        "model": found.facts["model"],
        "input": _words(said.text),
        "voice": voice,
        "response_format": "wav",
        "speed": round(min(max(float(said.voice.get("rate", 1.0)), _SLOWEST), _FASTEST), 3),
        # Beyond OpenAI's own: servers that draw at random take it, the others leave it.
        "seed": seed_of(identity),
        "stream": False,
    }
    if said.emotion:
        asked["instructions"] = f"Say it like this: {said.emotion}."
    return asked


def _failed(error: ServiceRefused, voice: str, errand: Errand) -> ServiceRefused | StepFailed:
    """A line it would not say; what passes is asked again."""
    if error.transient or error.status in (401, 403):
        return error
    failed = StepFailed(
        f"{errand.who} could not say the line in the voice '{voice}' (HTTP {error.status}).",
        remedy="Name another voice on the Voice node, or look at the service's own log.",
    )
    failed.log = error.log
    return failed
