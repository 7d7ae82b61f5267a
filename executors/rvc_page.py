# SPDX-License-Identifier: GPL-3.0-or-later
"""A spoken line in a trained voice, by RVC's own web page.

The page has one voice loaded for everybody, and no way to be sent one: it knows those in its own
folder, by file name.  So the voice is chosen before every line, and the file of that name is
compared with the one on the Voice node where the page hands it out.  A failure is a text there,
beside no sound.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..core.errors import (
    BadAnswer,
    Incompatible,
    InputError,
    ServiceLost,
    ServiceRefused,
    StepFailed,
    Unauthorised,
)
from ..core.executor import Health, Setup, Want
from ..core.patience import Operation, Patience
from ..core.step import VOICE_CONVERSION, VOICE_TRAINING, ArtifactRef, Option, Step
from ._http import Ask, Fetched, Http, fetch
from ._rvc_page.page import call, choices, file_path, functions, text_of
from ._rvc_page.training import START, WEIGHTS, can_train, load, train
from ._service import Errand, Found, Made, Served
from ._service.errand import Work
from ._service.letter import Letter

__all__ = ["EXECUTOR", "RvcPage"]

T = TypeVar("T")

#: Functions that no other page has together.
_CALLS = frozenset({"infer_change_voice", "infer_convert", "infer_refresh"})
#: What ``infer_convert`` takes: speaker, sound, semitones, method, index, its share, rate,
#: loudness, protection (webui.py of 2026-07-23).  Releases before 2026 take 12 or 13.
_INPUTS = 9
#: What a Backend, or a Voice's engine, calls it.
_NAMES = frozenset({"auto", "rvc", "rvc_page"})
#: The page's own settings for what a Voice does not say.
_METHOD, _RESAMPLE, _LOUDNESS, _PROTECT = "rmvpe", 0, 0.25, 0.33
#: Seconds of work for a second of speech, and to load a model; a first guess, on a CPU.
_PACE, _START_S = 2.0, 5.0
#: Seconds to learn a voice: a first guess, for 10 minutes of speech, 20 epochs and a card.
_TRAINING_S = 1200.0
#: The largest line sent and taken, and the largest model compared, in bytes.
_MOST_BYTES, _MOST_MODEL = 128 * 2**20, 2 * 2**30


class RvcPage(Served):
    """Takes lines over into voices that the page knows, one at a time."""

    name = "rvc_page"
    title = "the RVC page"
    usual = ("127.0.0.1:7865",)
    heavy = True

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        #: Contents by address and name, as the page handed them out; added to by its one thread.
        self._compared: dict[tuple[str, str, str], bool] = {}

    def recognise(self, http: Http) -> Found | None:
        """A page whose own description names its functions."""
        named = functions(http)
        if not named.keys() >= _CALLS:
            return None
        inputs = named["infer_convert"].inputs
        if len(inputs) != _INPUTS or inputs[1] != "audio":
            raise Incompatible(
                f"{http.who} is of a release that takes lines in another way.",
                remedy="Update the RVC web page to a release of 2026, or use rvc-python.",
            )
        kinds = {VOICE_CONVERSION}
        if http.address.loopback and can_train(named):
            kinds.add(VOICE_TRAINING)
        return Found(
            kinds=frozenset(kinds), models=_voices(http), facts={"start": named.get(START)}
        )

    def feel(self, http: Http) -> Health:
        """Whether it describes itself still."""
        if not functions(http).keys() >= _CALLS:
            raise ServiceLost(
                f"{http.who} is not there any more; something else answers.",
                remedy="Start the RVC page again.",
            )
        return Health()

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to take a line over, and one to learn a voice."""
        if want.backend.get("service", "auto") not in _NAMES:
            return ()
        if want.kind == VOICE_TRAINING:
            return (Option(executor=self.name, workflow="training", seconds=_TRAINING_S),)
        if want.kind != VOICE_CONVERSION:
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="voice", seconds=seconds),)

    def unwilling(self, step: Step, found: Found) -> str | None:
        """Why a page cannot speak in this voice: it does not have it."""
        if step.kind == VOICE_TRAINING:
            return None
        model = step.inputs["voice"]["model"]
        if isinstance(model, ArtifactRef):
            return None if VOICE_TRAINING in found.kinds else "it cannot learn the voice"
        name = model.path.name
        if name in found.models:
            return None
        return f"it has no voice '{name}': copy the file into its {WEIGHTS} folder"

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Learn a voice; or choose it, send the line, take the answer."""
        del option
        if errand.kind == VOICE_TRAINING:
            return train(errand, found.facts["start"], self._pool)
        return self._taken_over(errand)

    def take_up(self, errand: Errand, letter: Letter) -> Work | None:
        """Hear on what is being learned: nobody else could, and the page would stay busy."""
        start = functions(errand.http).get(START)
        if errand.kind != VOICE_TRAINING or start is None:
            return None
        return lambda: train(errand, start, self._pool, letter.job)

    def _taken_over(self, errand: Errand) -> Made:
        voice, line = errand.inputs["voice"], errand.path_of(errand.inputs["speech"])
        if line.stat().st_size > _MOST_BYTES:
            raise InputError("The line is too long to be sent.", remedy="Cut it into several.")
        name, content, followed = _voice_of(errand)
        errand.progress(0.0, "choosing the voice")
        compared = self._compare(errand, name, content)
        index = _chosen(errand, name)
        errand.accepted()
        errand.progress(0.2, "taking over the voice")
        semitones = round(float(voice["pitch"]))
        share = float(voice["index_rate"]) if followed and index else 0.0
        said = base64.b64encode(line.read_bytes()).decode()
        sound = {"name": "line.wav", "data": f"data:audio/wav;base64,{said}"}
        told = _called(
            errand,
            "infer_convert",
            [0, sound, semitones, _METHOD, index if share else "", share, _RESAMPLE, _LOUDNESS,
             _PROTECT],
        )  # fmt: skip
        ask = Ask(
            method="GET",
            path=file_path(_sound_of(told, errand)),
            operation=Operation.SUBMIT,
            cancel=errand.cancel,
        )
        fetched = _taken(errand, ask)
        recipe = {
            "service": "RVC WebUI", "voice_model": name, "compared": compared,
            "f0_method": _METHOD, "f0_up_key": semitones, "index_rate": share,
            "rms_mix_rate": _LOUDNESS, "protect": _PROTECT,
        }  # fmt: skip
        heard = f"RVC WebUI, model {content[:16]}, {semitones:+d} semitones, index {share:g}"
        return Made(path=fetched.path, recipe=recipe, facts={"voice": heard})

    def _compare(self, errand: Errand, name: str, wanted: str) -> bool:
        """Whether the page's voice is known to be ours; False where it does not hand it out.

        Raises:
            StepFailed: it is another one.
        """
        key = (errand.http.address.base, name, wanted)
        if key not in self._compared:
            self._compared[key] = _is_same(errand, name, wanted)
        return self._compared[key]


#: What the discovery looks for.
EXECUTOR = RvcPage


def _voices(http: Http, operation: Operation = Operation.HEALTH) -> tuple[str, ...]:
    return choices(call(http, "infer_refresh", [], operation=operation, repeatable=True))


def _is_same(errand: Errand, name: str, wanted: str) -> bool:
    path = errand.ticket.folder / "voice.pth"
    ask = Ask(
        method="GET",
        path=file_path(f"{WEIGHTS}/{name}"),
        operation=Operation.SHORT,
        cancel=errand.cancel,
    )
    try:
        same = fetch(errand.http, ask, path, most=_MOST_MODEL).content == wanted
    except Unauthorised:
        raise
    except ServiceRefused:
        return False
    finally:
        path.unlink(missing_ok=True)
    if not same:
        raise StepFailed(
            f"{errand.who} has another voice by the name '{name}'.",
            remedy=f"Copy the Voice node's file into the page's {WEIGHTS} folder, or rename it.",
        )
    return True


def _chosen(errand: Errand, name: str) -> str:
    """Have the page load a voice; where it keeps the voice's index, "" for none."""
    return _judged(errand, lambda: load(errand, name, _PROTECT))


def _voice_of(errand: Errand) -> tuple[str, str, bool]:
    """The voice's name on the page, its content, and whether its index is to be followed.

    Raises:
        StepFailed: it was to be learned, and was not.
    """
    voice = errand.inputs["voice"]
    model = voice["model"]
    if not isinstance(model, ArtifactRef):
        return model.path.name, model.content, bool(voice["index"])
    facts = errand.ticket.inputs[model.step].facts
    if not facts.get("trained"):
        raise StepFailed(
            "The voice was not learned: something stands in for it.",
            remedy="Evaluate again while the RVC page runs.",
        )
    return str(facts["voice"]), str(facts["model"]), True


def _called(errand: Errand, name: str, data: list[Any]) -> list[Any]:
    return _judged(errand, lambda: call(errand.http, name, data, cancel=errand.cancel))


def _judged(errand: Errand, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Unauthorised:
        raise
    except ServiceRefused as error:
        if error.transient:
            raise
        failed = StepFailed(
            f"{errand.who} could not use the voice's model (HTTP {error.status}).",
            remedy="Check the model on the Voice node; the page's own window says more.",
        )
        failed.log = error.log
        raise failed from error


def _taken(errand: Errand, ask: Ask) -> Fetched:
    """The sound that the page named a moment ago.

    Raises:
        ServiceLost: it does not know it any more; Gradio 3 breaks over such a name.
    """
    try:
        return errand.fetch(ask, most=_MOST_BYTES)
    except ServiceRefused as error:
        if error.status not in (404, 500):
            raise
        raise ServiceLost(
            f"{errand.who} was started again and forgot what it had made.",
            remedy="Evaluate again: it is made anew.",
        ) from error


def _sound_of(told: list[Any], errand: Errand) -> str:
    """The name of the sound in an answer.

    Raises:
        StepFailed: there is none; holds what the page said.
        BadAnswer: it is no name.
    """
    sound: Mapping[str, Any] | None = told[1] if len(told) > 1 else None
    if not sound:
        failed = StepFailed(
            f"{errand.who} gave no sound back.",
            remedy="Read what it said; it may lack memory, or its model of pitch.",
        )
        failed.log = text_of(told[0]) if told else ""
        raise failed
    name = sound.get("name") if isinstance(sound, dict) else None
    if not isinstance(name, str) or not name or len(name) > 4096:
        raise BadAnswer(
            f"{errand.who} did not say where its sound lies.",
            remedy="Check which release of the RVC page runs there.",
        )
    return name
