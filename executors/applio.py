# SPDX-License-Identifier: GPL-3.0-or-later
"""A spoken line in a trained voice, by Applio's own page.

Its functions have no names, and its labels are in the language of whoever runs it: the endpoint is
known by its places, kinds and choices.  The page works on a line only if its terms of use are
agreed to: whoever runs it has read them.  Its own speech goes to a server elsewhere and is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import FileRef
from ..core.errors import ServiceError, StepFailed
from ..core.executor import Setup, Want
from ..core.patience import Patience
from ..core.step import VOICE_CONVERSION, Option
from ._gradio import Endpoint, GradioServed, Page
from ._gradio.files import fetched, sent
from ._gradio.page import page_at
from ._service import Errand, Found, Made

__all__ = ["EXECUTOR", "Applio"]

#: What a Backend, or a Voice's engine, calls it.
_NAMES = frozenset({"auto", "rvc", "applio"})
#: The first inputs (tabs/inference/inference.py, IAHispano/Applio at b9c0ccb1): terms, pitch,
#: index, envelope, consonants, pitch's method, line, where the result goes, model, index's file.
_KINDS = ("checkbox", "slider", "slider", "slider", "slider", "radio", "dropdown", "textbox",
          "dropdown", "dropdown")  # fmt: skip
_TERMS, _PITCH, _INDEX, _METHOD, _LINE, _MODEL, _INDEX_FILE, _FORMAT = 0, 1, 2, 5, 6, 8, 9, 17
_GIVES = ("textbox", "audio")
#: It has 60; the page for whole folders has as many and gives no sound.
_FEWEST = 40
_PITCH_METHOD = "rmvpe"
#: Semitones its slider goes up and down.
_MOST_PITCH = 24
#: Seconds of work for a second of speech, and to load a model; a first guess, on a CPU.
_PACE, _START_S = 2.0, 5.0


class Applio(GradioServed):
    """Takes lines over into other voices, one at a time.

    A model is sent once to each run of it: the same content is the same voice, whatever it is
    called.
    """

    name = "applio"
    title = "Applio"
    usual = ("127.0.0.1:6969",)

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        # Where files lie that were sent, by address, run of the server and content.
        self._sent: dict[tuple[str, str, str], str] = {}

    def endpoint(self, page: Page) -> Endpoint | None:
        """The one that converts a line."""
        return next((each for each in page.endpoints if _converts(each)), None)

    def found(self, page: Page, endpoint: Endpoint) -> Found:
        """Voice conversion, with the models that its page lists beside those it is sent."""
        del page
        return Found(
            kinds=frozenset({VOICE_CONVERSION}), models=endpoint.inputs[_MODEL].choices[:1000]
        )

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to take a line over."""
        if want.kind != VOICE_CONVERSION or want.backend.get("service", "auto") not in _NAMES:
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="convert", seconds=seconds),)

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Send voice and line, have it taken over, take the answer."""
        del option
        page: Page = found.facts["page"]
        endpoint: Endpoint = found.facts["endpoint"]
        voice, line = errand.inputs["voice"], errand.path_of(errand.inputs["speech"])
        errand.progress(0.0, "sending the voice")
        known = _key(errand, page, voice["model"]) in self._sent
        model = self._there(errand, page, voice["model"], "voice.pth")
        index = self._there(errand, page, voice["index"], "voice.index") if voice["index"] else ""
        pitch = max(-_MOST_PITCH, min(_MOST_PITCH, round(float(voice["pitch"]))))
        rate = float(voice["index_rate"]) if index else 0.0
        given = {
            _TERMS: True,
            _PITCH: pitch,
            _INDEX: rate,
            _METHOD: _PITCH_METHOD,
            _LINE: sent(errand, page, line, f"line{line.suffix}"),
            _MODEL: model,
            _INDEX_FILE: index,
            _FORMAT: "WAV",
        }
        data = self.call(errand, found, endpoint.values(given))
        said = data[0] if data and isinstance(data[0], str) else ""
        try:
            path = fetched(errand, page, data[1] if len(data) > 1 else None, said)
        except StepFailed as error:
            # It may have lost what it was sent long ago: that is sent anew, and tried once more.
            error.transient = known or _started_again(errand, page)
            self._sent.clear()
            raise
        return _made(path, voice, pitch, rate)

    def _there(self, errand: Errand, page: Page, file: FileRef, called: str) -> str:
        """Where a file of the voice lies on the server, sent first where it is not there."""
        key = _key(errand, page, file)
        known = self._sent.get(key)
        if known is None:
            known = sent(errand, page, file.path, called)
            self._sent[key] = known
        return known


#: What the discovery looks for.
EXECUTOR = Applio


def _started_again(errand: Errand, page: Page) -> bool:
    """Whether another run of the program answers now than the one that was sent the files."""
    try:
        now = page_at(errand.http)
    except ServiceError:
        return False
    return now is not None and now.run != page.run


def _key(errand: Errand, page: Page, file: FileRef) -> tuple[str, str, str]:
    """What one run of the program keeps a file under that it was sent."""
    return errand.http.address.base, page.run, str(file.content)


def _converts(endpoint: Endpoint) -> bool:
    inputs = endpoint.inputs
    return (
        len(inputs) >= _FEWEST
        and endpoint.kinds[: len(_KINDS)] == _KINDS
        and endpoint.gives == _GIVES
        and _PITCH_METHOD in inputs[_METHOD].choices
        and inputs[_FORMAT].kind == "radio"
        and "WAV" in inputs[_FORMAT].choices
    )


def _made(path: Any, voice: Mapping[str, Any], pitch: int, rate: float) -> Made:
    content = str(voice["model"].content)
    recipe = {
        "service": Applio.title,
        "voice_model": content,
        "f0up_key": pitch,
        "index_rate": rate,
        "f0method": _PITCH_METHOD,
    }
    heard = f"{Applio.title}, {pitch:+d} semitones, index {rate:g}"
    return Made(path=path, recipe=recipe, facts={"voice": heard})
