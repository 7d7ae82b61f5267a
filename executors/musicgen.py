# SPDX-License-Identifier: GPL-3.0-or-later
"""Music by MusicGen's own page, audiocraft's.

It can be stopped: it looks for that at every step.  Its weights are under CC BY-NC 4.0: what they
make is not for sale.
"""

from __future__ import annotations

from ..core.executor import Want
from ..core.step import MUSIC, Option
from ._gradio import Endpoint, GradioServed, Page
from ._gradio.files import fetched
from ._service import Errand, Found, Made
from ._wording import sound_of

__all__ = ["EXECUTOR", "MusicGen"]

_NAME = "predict_full"
#: What its inputs are called (demos/musicgen_app.py, facebookresearch/audiocraft at 896ec7c4).
_MODEL, _TEXT, _MELODY, _SECONDS = "Model", "Input Text", "File", "Duration"
_LABELS = (_MODEL, "Decoder", _TEXT, _MELODY, _SECONDS, "Top-k", "Temperature")
#: Its slider of seconds.
_SHORTEST_S, _LONGEST_S = 1.0, 120.0
#: Without a melody: the one that follows a melody does as well without, and is the page's own.
_USUAL = "facebook/musicgen-stereo-melody"
#: Seconds of work: to begin, and for a second of music; a guess for a card of 2024.
_START_S, _PACE = 10.0, 1.5
_LICENCE = "CC BY-NC 4.0"
#: Where the sound itself lies among the outputs.
_WAV = 1


class MusicGen(GradioServed):
    """Makes one piece at a time.  It takes no seed: the same words give another piece."""

    name = "musicgen"
    title = "MusicGen"
    usual = ("127.0.0.1:7860",)
    heavy = True
    interrupt = "interrupt"

    def endpoint(self, page: Page) -> Endpoint | None:
        """The one with its labels, which gives films and sounds."""
        endpoint = page.named(_NAME)
        if endpoint is None or endpoint.gives[:2] != ("video", "audio"):
            return None
        known = all(endpoint.place(label) is not None for label in _LABELS)
        return endpoint if known else None

    def found(self, page: Page, endpoint: Endpoint) -> Found:
        """Music, by the models that its page lists."""
        del page
        place = endpoint.place(_MODEL)
        models = endpoint.inputs[place].choices if place is not None else ()
        return Found(kinds=frozenset({MUSIC}), models=models)

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to make a piece."""
        named = want.backend.get("service", "auto") in ("auto", self.name)
        if want.kind != MUSIC or not named or want.seconds > _LONGEST_S:
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="text2music", seconds=seconds),)

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Ask, and take the sound that comes."""
        del option
        sound = sound_of(errand.kind, errand.inputs, errand.seconds_of)
        endpoint: Endpoint = found.facts["endpoint"]
        model = _USUAL if _USUAL in found.models else (found.models or (_USUAL,))[0]
        seconds = round(min(max(sound.seconds, _SHORTEST_S), _LONGEST_S))
        given = {_MODEL: model, _TEXT: sound.prompt, _MELODY: None, _SECONDS: seconds}
        places = {endpoint.place(label): value for label, value in given.items()}
        values = endpoint.values({place: v for place, v in places.items() if place is not None})
        data = self.call(errand, found, values)
        path = fetched(errand, found.facts["page"], data[_WAV] if len(data) > _WAV else None)
        recipe = {"service": self.title, "model": model, "seconds": seconds, "licence": _LICENCE}
        return Made(path=path, recipe=recipe)


#: What the discovery looks for.
EXECUTOR = MusicGen
