# SPDX-License-Identifier: GPL-3.0-or-later
"""eSpeak NG through ctypes: UTF-8 text in, 16-bit samples and timed events out.

eSpeak keeps its glottal phase and voice in static variables that ``espeak_Terminate``
does not clear, and seeds its noise from the clock, so a line would depend on what was
spoken before it and when.  The library is therefore loaded afresh for every request and
unloaded after it (about one millisecond), and both generators of noise are seeded: the
same request gives the same bytes in any process, after any history, at any time.

What text means, who speaks and how it sounds afterwards are not here.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pathlib
import sys
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ....core.errors import MediaError, MissingLibrary
from .sound import Samples

__all__ = ["RATE_HZ", "Event", "Request", "Speech", "speak_raw", "variants"]

#: What eSpeak NG 1.52 synthesises at, whatever the voice.
RATE_HZ = 22_050

_SYNCHRONOUS = 2
_OPTIONS = 0x0001 | 0x8000  # phoneme events; report a failure, do not exit the process
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_UTF8 = 1
_BY_CHARACTER = 1
_KINDS = {1: "word", 7: "phoneme"}

# ``speak_raw`` is called from several threads and eSpeak is one set of static variables:
# this lock is held from loading it to unloading it.  Nothing else is locked inside it and
# no callback leaves this module, so it cannot take part in a deadlock.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One utterance.  ``rate`` in words a minute (80–450), ``pitch`` and ``range`` 0–99."""

    text: str
    voice: str
    rate: int
    pitch: int
    range: int
    volume: int = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A word or a phoneme begins at ``sample``; a word covers ``text[start:start + length]``."""

    kind: str
    sample: int
    phoneme: str = ""
    start: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """``samples``: float32 mono at ``RATE_HZ`` within ±1; ``events`` in time order."""

    samples: Samples
    events: tuple[Event, ...]


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def speak_raw(request: Request) -> Speech:
    """What eSpeak makes of the request.

    Raises:
        MissingLibrary: ``espeakng-loader`` is not installed.
        MediaError: eSpeak has no such voice, or would not speak.
    """
    path, data = _library()
    with _ONE_AT_A_TIME:
        handle = ctypes.CDLL(path)
        try:
            _initialise(handle, data)
            return _utter(handle, request)
        finally:
            handle.espeak_Terminate()
            _unload(handle)


@cache
def variants() -> frozenset[str]:
    """The names after the plus sign of a voice (``en+Annie``) that the installed data has."""
    _, data = _library()
    return frozenset(item.name for item in pathlib.Path(data, "voices", "!v").iterdir())


@cache
def _library() -> tuple[str, str]:
    try:
        loader: Any = importlib.import_module("espeakng_loader")
        path, data = str(loader.get_library_path()), str(loader.get_data_path())
    except (ImportError, OSError, RuntimeError) as error:
        raise _missing(str(error)) from error
    if not os.path.exists(path) or not os.path.isdir(data):
        raise _missing(f"{path} is not there")
    return path, data


def _missing(why: str) -> MissingLibrary:
    return MissingLibrary(
        f"The speech synthesiser could not be loaded ({why}).",
        remedy="Install it with: pip install espeakng-loader. "
        "It has no build for Intel Macs: use recorded lines there.",
    )


def _initialise(handle: ctypes.CDLL, data: str) -> None:
    handle.espeak_Initialize.argtypes = [
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
    ]
    handle.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    rate = handle.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data), _OPTIONS)
    if rate != RATE_HZ:
        raise _missing(f"it started with {rate} instead of {RATE_HZ} samples a second")
    # Breath is drawn from a generator of eSpeak's own, which starts from the clock.
    handle.espeak_ng_SetRandSeed(ctypes.c_long(1))
    _seed_c_library()


def _utter(handle: ctypes.CDLL, request: Request) -> Speech:
    _choose(handle, request.voice)
    for parameter, value in (
        (_RATE, request.rate),
        (_VOLUME, request.volume),
        (_PITCH, request.pitch),
        (_RANGE, request.range),
    ):
        handle.espeak_SetParameter(parameter, value, 0)
    chunks: list[bytes] = []
    events: list[Event] = []
    callback = _collect(chunks, events)
    handle.espeak_SetSynthCallback(callback)
    text = request.text.encode("utf-8", "ignore")
    if handle.espeak_Synth(text, len(text) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None) != 0:
        raise MediaError(
            "The speech synthesiser refused the line.",
            remedy="Shorten the line, or record it and put the recording on the Dialogue node.",
        )
    samples = np.frombuffer(b"".join(chunks), dtype="<i2").astype(np.float32) / np.float32(32768)
    return Speech(samples=samples, events=tuple(events))


def _choose(handle: ctypes.CDLL, voice: str) -> None:
    """Set the voice; ``de-at`` is spoken as ``de`` where that dialect is unknown."""
    language, plus, variant = voice.partition("+")
    for code in (language, language.split("-")[0]):
        if handle.espeak_SetVoiceByName(f"{code}{plus}{variant}".encode()) == 0:
            return
    raise MediaError(
        f"The speech synthesiser does not speak '{language}'.",
        remedy="Set the language of the Voice node to a code such as en-us, de, fr, ru or cmn.",
    )


def _collect(chunks: list[bytes], events: list[Event]) -> Any:
    def heard(samples: Any, count: int, happened: Any) -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
        index = 0
        while happened[index].type != 0:
            event = _read(happened[index])
            if event is not None:
                events.append(event)
            index += 1
        return 0

    return _Callback(heard)


def _read(event: Any) -> Event | None:
    kind = _KINDS.get(event.type)
    if kind is None:
        return None
    if kind == "word":
        start = max(0, event.position - 1)
        return Event(kind=kind, sample=event.sample, start=start, length=event.length)
    name = event.name.decode("utf-8", "ignore")
    return Event(kind=kind, sample=event.sample, phoneme=name)


def _seed_c_library() -> None:
    # Some variants draw breath noise from rand(); on Windows that state is the thread's own.
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.srand(1)


def _unload(handle: ctypes.CDLL) -> None:
    native: Any = importlib.import_module("_ctypes")
    if sys.platform == "win32":
        native.FreeLibrary(handle._handle)
    else:
        native.dlclose(handle._handle)
