# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects, ambiences and music by the page of Stability AI's stable-audio-tools.

Which model it has is settled when it is started; how long that can go on stands on the page.
"""

from __future__ import annotations

from ..core.executor import Want
from ..core.step import AMBIENCE, MUSIC, SOUND, Option, Step
from ._gradio import Endpoint, GradioServed, Page
from ._gradio.files import fetched
from ._service import Errand, Found, Made
from ._wording import sound_of

__all__ = ["EXECUTOR", "StableAudio"]

_NAME = "generate"
#: What its inputs are called (stable_audio_tools/interface/interfaces/diffusion_cond.py at 50049e37).
_PROMPT, _NEGATIVE, _SECONDS, _SEED = (
    "Prompt", "Negative prompt", "Seconds total", "Seed (set to -1 for random seed)",
)  # fmt: skip
_FORMAT, _NAMING, _CUT = "File format", "File naming", "Cut to seconds total"
_LABELS = (_SECONDS, _SEED, _FORMAT, _NAMING, _CUT, "Steps", "CFG scale", "Sampler type")
_KINDS = frozenset({SOUND, AMBIENCE, MUSIC})
#: Stable Audio Open makes 47 s; later ones some minutes.
_LONGEST_S = 512.0
#: Seconds of work: to begin, and for a second of sound; a guess for a card of 2024.
_START_S, _PACE = 10.0, 0.5


class StableAudio(GradioServed):
    """Makes one sound at a time."""

    name = "stable_audio"
    title = "Stable Audio"
    usual = ("127.0.0.1:7860",)
    heavy = True

    def endpoint(self, page: Page) -> Endpoint | None:
        """The one with its labels, which gives a sound and its pictures."""
        endpoint = page.named(_NAME)
        if endpoint is None or endpoint.gives != ("audio", "gallery"):
            return None
        known = all(endpoint.place(label) is not None for label in _LABELS)
        return endpoint if known and endpoint.kinds[:2] == ("textbox", "textbox") else None

    def found(self, page: Page, endpoint: Endpoint) -> Found:
        """All sounds, up to the length that the page begins with: its model's own."""
        del page
        place = endpoint.place(_SECONDS)
        longest = endpoint.inputs[place].value if place is not None else None
        if not (isinstance(longest, int | float) and 1 <= longest <= _LONGEST_S):
            longest = _LONGEST_S
        return Found(kinds=_KINDS, facts={"longest": float(longest)})

    def unwilling(self, step: Step, found: Found) -> str | None:
        """A sound that is too long for its model."""
        longest, seconds = found.facts["longest"], step.inputs.get("seconds") or 0.0
        if seconds > longest:
            return f"its model makes at most {longest:g} s"
        return super().unwilling(step, found)

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to make a sound."""
        named = want.backend.get("service", "auto") in ("auto", self.name)
        if want.kind not in _KINDS or not named or want.seconds > _LONGEST_S:
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="generate", seconds=seconds),)

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Ask, and take the sound that comes; sampler and steps stay as the page has them."""
        del option
        sound = sound_of(errand.kind, errand.inputs, errand.seconds_of)
        endpoint: Endpoint = found.facts["endpoint"]
        seed = sound.seed & 0x7FFFFFFF
        seconds = int(-(-min(max(sound.seconds, 1.0), found.facts["longest"]) // 1))
        given = {
            _SECONDS: seconds, _SEED: str(seed), _FORMAT: "wav", _NAMING: "output.wav", _CUT: True,
        }  # fmt: skip
        places = {endpoint.place(label): value for label, value in given.items()}
        # The two texts stand first; their labels are not shown, and differ by Gradio's version.
        texts = {0: sound.prompt, 1: sound.negative}
        values = endpoint.values(texts | {at: v for at, v in places.items() if at is not None})
        data = self.call(errand, found, values)
        path = fetched(errand, found.facts["page"], data[0] if data else None)
        return Made(path=path, recipe={"service": self.title, "seed": seed, "seconds": seconds})


#: What the discovery looks for.
EXECUTOR = StableAudio
