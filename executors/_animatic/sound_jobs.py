# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inputs of speech, sound, ambience, music and mix steps to sound files.

The words of the film graph on one side, those of the synthesisers on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.cut import span_seconds
from ...core.edit import Cue as EditCue
from ...core.edit_file import read_edit
from .audio import ambience as make_ambience
from .audio import cast, effect, score, speak
from .audio import mix as write_mix
from .audio.alignment import aligned, moved
from .audio.cues import Cue
from .audio.instruments import forget
from .audio.mix import MixSpec
from .audio.recording import conformed, recorded_line
from .audio.sound import RATE_HZ, Samples
from .audio.speech import Mark, Spoken, Word
from .audio.stretch import fit_line
from .audio.wav import read_mono, wav_frames, write_wav

__all__ = ["ambience", "mix", "music", "sound", "speech", "voice_conversion"]

Report = Callable[[float, str], None]
Done = dict[str, Any]


def speech(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Say one line, take it from a recording, or fit one already said.

    ``made`` is a line that a service said: its times are estimated.
    Facts: seconds; marks [[seconds, phoneme]]; words [[seconds, text]]; language;
    fits (false when a fitted line is still too long); timing, where the times are an estimate.
    """
    report(0.1, "speaking")
    if "fit" in inputs:
        said, fits = fit_line(_said(inputs["fit"]), inputs["seconds"])
        timing = inputs["fit"]["facts"].get("timing")
        return _line_done(folder, said, fits=fits, **({"timing": timing} if timing else {}))
    if "made" in inputs:
        line = recorded_line(inputs["made"]["path"])
        said, timing = aligned(line.samples, inputs["text"], inputs["language"])
        return _line_done(folder, said, fits=True, timing=timing)
    if inputs["recording"]:
        return _line_done(folder, recorded_line(inputs["recording"]["path"]), fits=True)
    return _line_done(folder, _spoken(inputs), fits=True)


def voice_conversion(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """A line in another voice, ``made`` by a service; without it, the line as it was said.

    Facts as those of ``speech``, and converted: whether the voice is another one.
    """
    report(0.1, "taking over the voice")
    before = _said(inputs["speech"])
    if "made" not in inputs:
        return _line_done(folder, before, converted=False, **_carried_facts(inputs["speech"]))
    made = recorded_line(inputs["made"]["path"])
    times = moved(before.marks, before.words, before.seconds, made.seconds)
    said = replace(times, samples=made.samples, language=before.language)
    return _line_done(folder, said, converted=True, **_carried_facts(inputs["speech"]))


def _carried_facts(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line["facts"][name] for name in ("fits", "timing") if name in line["facts"]}


def _line_done(folder: Path, said: Spoken, **facts: Any) -> Done:
    path = folder / "line.wav"
    write_wav(path, said.samples)
    return {
        "path": str(path),
        "facts": {
            "seconds": round(said.seconds, 6),
            "marks": [[round(mark.seconds, 4), mark.phoneme] for mark in said.marks],
            "words": [[round(word.seconds, 4), word.text] for word in said.words],
            "language": said.language,
            **facts,
        },
    }


def _spoken(inputs: Mapping[str, Any]) -> Spoken:
    speaker = inputs["speaker"]
    voice = cast(
        speaker["identity"] or speaker["name"],
        speaker["name"],
        speaker["description"],
        speaker["voice"],
    )
    return speak(inputs["text"], voice, emotion=inputs["emotion"])


def _said(made: Mapping[str, Any]) -> Spoken:
    """A spoken line as its artifact holds it."""
    facts = made["facts"]
    return Spoken(
        samples=read_mono(made["path"]),
        marks=tuple(Mark(seconds=at, phoneme=name) for at, name in facts["marks"]),
        words=tuple(Word(seconds=at, text=text) for at, text in facts["words"]),
        seconds=facts["seconds"],
        language=facts["language"],
    )


def sound(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Make one sound effect.  Facts: seconds; recognised (false: a neutral sound stands in)."""
    report(0.1, "making the sound")
    path = folder / "sound.wav"
    if inputs["recording"]:
        conformed(inputs["recording"]["path"], path)
        return _wav_done(path, recognised=True)
    prompt = " ".join(filter(None, (inputs["prompt"], inputs["mood"])))
    made = effect(prompt, inputs["seconds"] or None, inputs["seed"])
    write_wav(path, made.samples)
    return _wav_done(path, recognised=made.recognised)


def ambience(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Make a scene's background, as long as the scene.  Facts: seconds."""
    seconds = span_seconds(inputs["span"], _seconds)
    blocks = make_ambience(inputs["setting"], seconds, inputs["seed"])
    return _streamed(blocks, folder / "ambience.wav", seconds, report, "ambience")


def music(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Compose a piece as long as its scene, or take a recording.  Facts: seconds."""
    if inputs["recording"]:
        path = conformed(inputs["recording"]["path"], folder / "music.wav")
        return _wav_done(path)
    seconds = inputs["seconds"] or span_seconds(inputs["span"], _seconds)
    blocks = score(
        inputs["mood"], inputs["tempo"] or None, seconds, inputs["seed"], inputs["prompt"]
    )
    try:
        return _streamed(blocks, folder / "music.wav", seconds, report, "composing")
    finally:
        forget()


def mix(inputs: Mapping[str, Any], folder: Path, report: Report) -> Done:
    """Mix everything that is heard in the film.  Facts: seconds, lufs, ducked_s."""
    edit = read_edit(Path(inputs["cut"]["path"]))
    path = folder / "mix.wav"
    cues = tuple(_cue(cue, inputs["sounds"][cue.source]["path"]) for cue in edit.cues)
    facts = write_mix(
        MixSpec(seconds=edit.seconds, cues=cues),
        path,
        progress=lambda fraction: report(fraction, "mixing"),
    )
    assert facts is not None  # None means cancelled, which does not happen here
    heard = facts.lufs > float("-inf")
    return _wav_done(
        path, lufs=round(facts.lufs, 2) if heard else None, ducked_s=round(facts.ducked_s, 2)
    )


def _cue(cue: EditCue, path: str) -> Cue:
    return Cue(
        source=Path(path),
        start_s=cue.start,
        track=cue.track,
        gain_db=cue.gain_db,
        length_s=cue.seconds,
        fade_in_s=cue.fade_in,
        fade_out_s=cue.fade_out,
        loop=cue.loop,
        duck=cue.duck,
    )


def _seconds(made: Any) -> float:
    return float(made["facts"]["seconds"])


def _streamed(
    blocks: Iterable[Samples], path: Path, seconds: float, report: Report, note: str
) -> Done:
    def watched() -> Iterable[Samples]:
        written = 0
        for block in blocks:
            written += len(block)
            report(written / (seconds * RATE_HZ), note)
            yield block

    write_wav(path, watched())
    return _wav_done(path)


def _wav_done(path: Path, **facts: Any) -> Done:
    return {"path": str(path), "facts": {"seconds": round(wav_frames(path) / RATE_HZ, 6), **facts}}
