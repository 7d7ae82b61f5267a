"""Sounds and clips that scripted servers hand out."""

from __future__ import annotations

import functools
import io
import wave

import numpy as np


def wav(seconds: float, rate: int = 24_000, *, bursts: int = 3, pitch: float = 180.0) -> bytes:
    """A WAV of ``bursts`` syllables with pauses between them, in 16 bits."""
    time = np.arange(round(seconds * rate)) / rate
    share = (time / max(seconds, 1e-9) * bursts) % 1.0
    samples = np.sin(2 * np.pi * pitch * time) * (share < 0.7) * 0.5
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


@functools.cache
def flac(seconds: float = 0.5, rate: int = 24_000) -> bytes:
    """Silence."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=rate, layout="mono")
        samples = np.zeros((1, round(seconds * rate)), np.int16)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return out.getvalue()


@functools.cache
def mp4(frames: int = 17, fps: int = 16, width: int = 64, height: int = 48) -> bytes:
    """A clip of so many frames, each of another grey."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            grey = np.full((height, width, 3), 40 + index * 180 // max(1, frames - 1), np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return out.getvalue()
