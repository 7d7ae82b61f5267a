# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of dialogue: somebody says something in a shot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.compile.lowering import Described, Lowering
from ..core.node_type import NodeType, Param, Socket
from ..core.step import SPEECH, VOICE_CONVERSION, VOICE_TRAINING, ArtifactRef, Place, Priority
from . import _params as common

#: Characters spoken in a second, for estimates only: about 160 words a minute of 5.5 letters.
LETTERS_PER_SECOND = 15.0


#: What of a Voice belongs to its trained model, with what it is where there is none.
_OF_THE_MODEL: Mapping[str, Any] = {
    "model": None, "index": None, "index_rate": 0.75, "pitch": 0.0,
}  # fmt: skip
#: Who is asked for by a Voice's engine, as a Backend would name it.
_BUILT_IN, _CONVERTED = {"service": "animatic"}, {"service": "rvc"}


def lower(low: Lowering) -> Mapping[str, Any]:
    """One speech step, one more where the voice has a model, and the line as the shot needs it."""
    params = low.params
    character = low.one("character") or {}
    speaker = character.get("name") or "Narrator"
    seconds = max(0.6, len(params["line"]) / LETTERS_PER_SECOND)
    speech = _spoken(low, character, speaker, seconds)
    line = {
        "node": low.node,
        "speech": speech,
        "text": params["line"],
        "speaker": speaker,
        "character": character or None,
        "estimate": seconds,
        "timing": params["timing"],
        "pause": params["pause"],
        "together": params["together"],
        "gain": params["gain"],
        "off_screen": params["off_screen"],
        "emotion": params["emotion"],
    }
    return {"dialogue": line}


def _spoken(low: Lowering, character: Described, speaker: str, seconds: float) -> ArtifactRef:
    """The line said, and taken over by the model of the speaker's voice where it has one.

    A line recorded by the user is used as it is: its voice was chosen with it.
    """
    recording = low.file(low.params["recording"]) if low.params["recording"] else None
    voice = character.get("voice") or {}
    built_in = voice.get("engine") == "builtin"
    model = None if built_in or recording else voice.get("model") or _trained(low, voice, speaker)
    wish = {
        "text": low.params["line"],
        "emotion": low.params["emotion"],
        "recording": recording,
        "speaker": {
            "identity": character.get("node", ""),
            "name": speaker,
            "description": character.get("description", ""),
            "voice": _plain(voice, trained=model is not None) if voice else None,
        },
    }
    stem, label = f"{low.stem}_{speaker}", f"{speaker}: {low.params['line']}"
    said = low.step(
        SPEECH,
        wish,
        place=_place(low, f"{stem}_said" if model else stem),
        label=label,
        seconds=seconds,
        backend=_BUILT_IN if built_in else None,
        priority=Priority.AUDIO,
    )
    return (
        _taken_over(low, said, {**voice, "model": model}, stem, label, seconds) if model else said
    )


def _plain(voice: Mapping[str, Any], *, trained: bool) -> Mapping[str, Any]:
    """What of a voice matters to who says the line, before a model takes it over."""
    plain = {name: value for name, value in voice.items() if name != "training"}
    return {**plain, **_OF_THE_MODEL} if trained else plain


def _taken_over(
    low: Lowering,
    said: ArtifactRef,
    voice: Mapping[str, Any],
    stem: str,
    label: str,
    seconds: float,
) -> ArtifactRef:
    return low.step(
        VOICE_CONVERSION,
        {"speech": said, "voice": {name: voice[name] for name in _OF_THE_MODEL}},
        place=_place(low, stem),
        label=f"{label} (voice of its own)",
        seconds=seconds,
        # Who gives a model means it: the plain voice only stands in for it.
        backend=_CONVERTED,
        priority=Priority.AUDIO,
    )


def _trained(low: Lowering, voice: Mapping[str, Any], speaker: str) -> ArtifactRef | None:
    """The step that learns a voice from recordings; one for all lines of whoever has it."""
    training = voice.get("training")
    if not training:
        return None
    return low.step(
        VOICE_TRAINING,
        training,
        node=voice["node"],
        place=Place(scene="", shot="voices", stem=f"{speaker}_voice", suffix=".zip"),
        label=f"{speaker}: voice learned from recordings",
        seconds=0.0,
        backend=_CONVERTED,
        priority=Priority.AUDIO,
    )


def _place(low: Lowering, stem: str) -> Place:
    return Place(scene=low.scene, shot="dialogue", stem=stem, suffix=".wav")


NODE_TYPE = NodeType(
    label="Dialogue",
    doc="One spoken line. Its true length sets the length of its shot.",
    category="Sound",
    icon="OUTLINER_DATA_SPEAKER",
    colour=(0.42, 0.24, 0.18),
    inputs=(Socket(name="character", kind="character", doc="Who says it."),),
    outputs=(Socket(name="dialogue", kind="dialogue", doc="Link it to a Shot."),),
    lower=lower,
    needs=common.unless_own("recording", SPEECH),
    params=(
        Param(name="line", kind="lines", default="", doc="What is said."),
        Param(
            name="emotion",
            kind="text",
            default="",
            doc="How it is said: angry, whispering, sad, excited, calm.",
        ),
        Param(
            name="timing",
            kind="choice",
            default="drive",
            label="Timing mode",
            doc="Drive: the line sets the shot's length. Fit: the line is fitted into it.",
            choices=(("drive", "Drive"), ("fit", "Fit")),
        ),
        common.seconds("pause", "Silence before the line, beyond the usual breath.", maximum=60),
        Param(
            name="together",
            kind="bool",
            default=False,
            label="With the line before",
            doc="Begin with the line before it, as in dual dialogue.",
        ),
        Param(
            name="off_screen",
            kind="bool",
            default=False,
            doc="Heard and not seen: V.O. and O.S.",
        ),
        common.gain("Louder or softer than it comes.", minimum=-40),
        common.recording("Your own recording of the line, used instead of a made one."),
        common.SOURCE,
    ),
)
