# SPDX-License-Identifier: GPL-3.0-or-later
"""A spoken line in a trained voice, by rvc-python's REST server.

The server has one model and one set of parameters for everybody, so they are set before every
line and looked at again after it.  A model it lacks is sent to it once, under a name made from
its content: the same file is the same voice in every shot, whatever it is called.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from ..core.digest import text_digest
from ..core.errors import BadAnswer, InputError, ServiceRefused, StepFailed, Unauthorised
from ..core.executor import Health, Want
from ..core.patience import Operation
from ..core.step import VOICE_CONVERSION, ArtifactRef, Option, Step
from ._http import Ask, Form, Http, send
from ._service import Errand, Found, Made, Served

__all__ = ["EXECUTOR", "RvcPython"]

#: Calls that no other server has together.
_CALLS = frozenset({"/convert", "/params", "/models/{model_name}"})
#: What a Backend, or a Voice's engine, calls it.
_NAMES = frozenset({"auto", "rvc", "rvc_python"})
#: rvc-python's own defaults for what a Voice does not say (rvc_python 0.1.4, read 2026-11-24).
_DEFAULTS: Mapping[str, Any] = {
    "f0method": "rmvpe", "filter_radius": 3, "resample_sr": 0, "rms_mix_rate": 0.25,
    "protect": 0.5,
}  # fmt: skip
#: Seconds of work for a second of speech, and to load a model; a first guess, on a CPU.
_PACE, _START_S = 2.0, 5.0
#: What it says of a model that it listed, or had loaded, a moment ago.
_FORGOTTEN = ("no model loaded", "not found")
#: The largest line sent and taken, in bytes: it travels in memory, as text.
_MOST_BYTES = 128 * 2**20


class RvcPython(Served):
    """Takes lines over into other voices, one at a time."""

    name = "rvc_python"
    title = "rvc-python"
    usual = ("127.0.0.1:5050",)

    def recognise(self, http: Http) -> Found | None:
        """A server whose own description lists its calls."""
        described = _described(http)
        paths = described.get("paths")
        if not isinstance(paths, dict) or not paths.keys() >= _CALLS:
            return None
        return Found(kinds=frozenset({VOICE_CONVERSION}), models=_models(http))

    def feel(self, http: Http) -> Health:
        """Whether it lists its models."""
        _models(http)
        return Health()

    def offer(self, want: Want) -> tuple[Option, ...]:
        """One way to take a line over."""
        if want.kind != VOICE_CONVERSION or want.backend.get("service", "auto") not in _NAMES:
            return ()
        seconds = round(_START_S + want.seconds * _PACE, 3)
        return (Option(executor=self.name, workflow="voice", seconds=seconds),)

    def unwilling(self, step: Step, found: Found) -> str | None:
        """Why not: a voice that is learned in this film is only where it is learned."""
        del found
        if isinstance(step.inputs["voice"]["model"], ArtifactRef):
            return "the voice is learned by the RVC page, and only there"
        return None

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Set the voice, send the line, take the answer."""
        del option, found
        voice = errand.inputs["voice"]
        line = errand.path_of(errand.inputs["speech"])
        if line.stat().st_size > _MOST_BYTES:
            raise InputError("The line is too long to be sent.", remedy="Cut it into several.")
        model, params = _model_name(voice), _params(voice)
        self._load(errand, model)
        errand.accepted()
        errand.progress(0.2, "taking over the voice")
        _set(errand, "/params", {"params": params})
        body = json.dumps({"audio_data": base64.b64encode(line.read_bytes()).decode()})
        ask = Ask(
            method="POST",
            path="/convert",
            body=body.encode(),
            content_type="application/json",
            operation=Operation.SHORT,
            repeatable=False,
            cancel=errand.cancel,
        )
        try:
            fetched = errand.fetch(ask, most=_MOST_BYTES)
        except ServiceRefused as error:
            raise _failed(error, errand) from error
        _check_unchanged(errand, params)
        recipe = {"service": self.title, "voice_model": model, **params}
        settings = f"{params['f0up_key']:+d} semitones, index {params['index_rate']:g}"
        heard = f"{self.title}, model {model}, {settings}"
        return Made(path=fetched.path, recipe=recipe, facts={"voice": heard})

    def _load(self, errand: Errand, model: str) -> None:
        """Have the server use the voice's model, sent first where it lacks it."""
        errand.check()
        if model not in _models(errand.http):
            errand.progress(0.0, "sending the voice")
            _send_model(errand, model)
            if model not in _models(errand.http):
                raise BadAnswer(
                    f"{errand.who} took a model and does not have it.",
                    remedy="Put the model into a folder of its own in the server's models folder.",
                )
        errand.progress(0.1, "loading the voice")
        _set(errand, f"/models/{model}", {})


#: What the discovery looks for.
EXECUTOR = RvcPython


def _described(http: Http) -> Mapping[str, Any]:
    try:
        answer = http.ask(
            Ask(method="GET", path="/openapi.json", operation=Operation.HEALTH, accept=(200, 404))
        )
        value = answer.json() if answer.status == 200 else None
    except Unauthorised:
        raise
    except (BadAnswer, ServiceRefused):
        return {}
    return value if isinstance(value, dict) else {}


def _models(http: Http) -> tuple[str, ...]:
    value = http.get_json("/models", operation=Operation.HEALTH)
    listed = value.get("models") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise BadAnswer(
            f"{http.who} did not list its models.", remedy="Check that the address is rvc-python's."
        )
    return tuple(each for each in listed if isinstance(each, str))


def _model_name(voice: Mapping[str, Any]) -> str:
    """A name made from what the files hold."""
    files = [voice["model"].content, voice["index"].content if voice["index"] else ""]
    return f"md_{text_digest('/'.join(files))[:16]}"


def _params(voice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_DEFAULTS,
        "f0up_key": round(float(voice["pitch"])),
        "index_rate": float(voice["index_rate"]) if voice["index"] else 0.0,
    }


def _send_model(errand: Errand, model: str) -> None:
    """The model and its index as the archive that the server unpacks into its folder."""
    voice, archive = errand.inputs["voice"], errand.ticket.folder / "voice.zip"
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
            file.write(voice["model"].path, f"{model}/{model}.pth")
            if voice["index"]:
                file.write(voice["index"].path, f"{model}/{model}.index")
        form = Form({}, {"file": (f"{model}.zip", archive)})
        ask = Ask(
            method="POST", path="/upload_model", operation=Operation.SHORT, cancel=errand.cancel
        )
        send(errand.http, ask, form)
    except ServiceRefused as error:
        raise _failed(error, errand) from error
    finally:
        archive.unlink(missing_ok=True)


def _set(errand: Errand, path: str, value: Mapping[str, Any]) -> None:
    """Tell the server what to use from now on; telling it twice does no harm."""
    try:
        errand.http.post(
            path, value, operation=Operation.SHORT, repeatable=True, cancel=errand.cancel
        )
    except ServiceRefused as error:
        raise _failed(error, errand) from error


def _check_unchanged(errand: Errand, params: Mapping[str, Any]) -> None:
    """Let the line pass, if the server still says what it was told.

    Raises:
        StepFailed: somebody else used it in between.
    """
    now = errand.http.get_json("/params", operation=Operation.HEALTH, cancel=errand.cancel)
    told = {name: now.get(name) if isinstance(now, dict) else None for name in params}
    if told != dict(params):
        failed = StepFailed(
            f"Somebody else changed the voice of {errand.who} meanwhile.",
            remedy="Let one program use it at a time, and evaluate again.",
        )
        raise failed


def _failed(error: ServiceRefused, errand: Errand) -> ServiceRefused | StepFailed:
    if error.transient or isinstance(error, Unauthorised):
        return error
    failed = StepFailed(
        f"{errand.who} could not use the voice's model (HTTP {error.status}).",
        remedy="Check the model and index on the Voice node; the server's window says more.",
    )
    failed.log = error.log
    # It had the model a moment ago: it was started again since, and is given it once more.
    failed.transient = any(said in error.log.lower() for said in _FORGOTTEN)
    return failed
