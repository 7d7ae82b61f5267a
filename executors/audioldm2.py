# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects and ambiences by AudioLDM 2's own page.

What it gives is a film of the sound's wave, of which the sound is taken.  Its weights are under
CC BY-NC-SA 4.0: what they make is not for sale.
"""

from __future__ import annotations

from ..core.executor import Want
from ..core.step import AMBIENCE, SOUND, Option
from ._gradio import Endpoint, GradioServed, Page
from ._gradio.files import fetched
from ._service import Errand, Found, Made
from ._wording import sound_of

__all__ = ["EXECUTOR", "AudioLDM2"]

_NAME = "text2audio"
#: Text, seconds, guidance, seed, candidates (app.py, haoheliu/AudioLDM2 at b5786c5d).
_KINDS = ("textbox", "slider", "slider", "number", "slider")
#: Its slider of seconds: least, most, step.
_SHORTEST_S, _LONGEST_S, _STEP_S = 5.0, 15.0, 2.5
#: As its page has it; the page's three candidates take three times as long.
_GUIDANCE, _CANDIDATES = 3.5, 1
#: Seconds of work: to begin, and for a second of sound; a guess for a card of 2024.
_START_S, _PACE = 5.0, 2.0
_LICENCE = "CC BY-NC-SA 4.0"


class AudioLDM2(GradioServed):
    """Makes one sound at a time."""

    name = "audioldm2"
    title = "AudioLDM 2"
    usual = ("127.0.0.1:7860",)
    heavy = True

    def endpoint(self, page: Page) -> Endpoint | None:
        """The one that makes a film of a text's sound."""
        endpoint = page.named(_NAME)
        if endpoint is None or endpoint.kinds != _KINDS or endpoint.gives != ("video",):
            return None
        return endpoint

    def found(self, page: Page, endpoint: Endpoint) -> Found:
        """Effects and ambiences; which model it has loaded it does not say."""
        del page, endpoint
        return Found(kinds=frozenset({SOUND, AMBIENCE}))

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to make a sound."""
        named = want.backend.get("service", "auto") in ("auto", self.name)
        if want.kind not in (SOUND, AMBIENCE) or not named or want.seconds > _LONGEST_S:
            return ()
        seconds = round(_START_S + max(want.seconds, _SHORTEST_S) * _PACE, 3)
        return (Option(executor=self.name, workflow="text2audio", seconds=seconds),)

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Ask, and take the film that comes."""
        del option
        sound = sound_of(errand.kind, errand.inputs, errand.seconds_of)
        seed = sound.seed & 0x7FFFFFFF
        seconds = _stepped(sound.seconds)
        values = [sound.prompt, seconds, _GUIDANCE, seed, _CANDIDATES]
        data = self.call(errand, found, values)
        path = fetched(errand, found.facts["page"], data[0] if data else None)
        recipe = {"service": self.title, "seed": seed, "seconds": seconds, "licence": _LICENCE}
        return Made(path=path, recipe=recipe)


def _stepped(seconds: float) -> float:
    """The next length that its slider has."""
    steps = -(-(seconds - _SHORTEST_S) // _STEP_S)
    return min(max(_SHORTEST_S + steps * _STEP_S, _SHORTEST_S), _LONGEST_S)


#: What the discovery looks for.
EXECUTOR = AudioLDM2
