"""Small films to cut: clips whose every frame says which clip and frame it is."""

from __future__ import annotations

import pathlib
import wave
from fractions import Fraction

import av
import numpy as np
from movie_director.core.edit import Edit, EditClip, Transition
from movie_director.executors._animatic.reel.film_file import FilmFile
from movie_director.executors._animatic.reel.picture import Picture

SIZE = (64, 48)
RATE = Fraction(24)
CUT = Transition()


def picture(clip: int, frame: int, size: tuple[int, int] = SIZE) -> Picture:
    """Luma tells the clip, a moving bar the frame."""
    width, height = size
    made = np.full((height * 3 // 2, width), 128, np.uint8)
    made[:height] = 60 + 40 * clip
    bar = frame % (width // 4) * 4
    made[: height // 4, bar : bar + 4] = 235
    return made


def clip(
    path: pathlib.Path,
    number: int,
    frames: int,
    *,
    size: tuple[int, int] = SIZE,
    rate: Fraction = RATE,
    quality: str = "standard",
) -> pathlib.Path:
    """A clip as the animatic makes them."""
    film = FilmFile(path, *size, rate, quality, None)
    for _ in film.encode(picture(number, index, size) for index in range(frames)):
        pass
    film.finish(frames)
    return path


def foreign(
    path: pathlib.Path,
    number: int,
    frames: int,
    *,
    size: tuple[int, int] = SIZE,
    rate: Fraction = RATE,
    codec: str = "mpeg4",
    bars: bool = True,
) -> pathlib.Path:
    """A clip from elsewhere."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.options = {"qscale": "2", "flags": "+qscale", "global_quality": "236"}
        for index in range(frames):
            drawn = picture(number, index, size) if bars else picture(number, 0, size)
            frame = av.VideoFrame.from_ndarray(drawn, format="yuv420p")
            frame.pts, frame.time_base = index, 1 / rate
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def tone(path: pathlib.Path, seconds: float) -> pathlib.Path:
    """A stereo 48 kHz recording of a 440 Hz tone."""
    count = round(seconds * 48000)
    heard = np.sin(np.arange(count) * 2 * np.pi * 440 / 48000) * 8000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(np.repeat(heard.astype("<i2"), 2).tobytes())
    return path


def shot(
    index: int, start: int, frames: int, enter: Transition = CUT, leave: Transition = CUT
) -> EditClip:
    """Shot ``index`` (its step is ``c0``, ``c1``, …) on the timeline."""
    return EditClip(
        key=f"scene/shot_{index}",
        source=f"c{index}",
        name=f"Shot {index}",
        scene="Scene",
        number=str(index),
        start=start,
        frames=frames,
        enter=enter,
        leave=leave,
    )


def edit(*clips: EditClip, rate: Fraction = RATE, size: tuple[int, int] = SIZE) -> Edit:
    """A film of these shots and nothing to hear."""
    end = max((clip.start + clip.frames for clip in clips), default=0)
    return Edit(
        title="Test",
        rate=rate,
        width=size[0],
        height=size[1],
        frames=end,
        clips=clips,
        cues=(),
        scenes=(),
    )


def watched(path: pathlib.Path) -> list[np.ndarray]:
    """Every frame of the film, as luma."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        seen = [frame.to_ndarray() for frame in file.decode(stream)]
        return [frame[: stream.height] for frame in seen]


def frame_of(luma: np.ndarray) -> tuple[int, int]:
    """(clip, frame modulo 16) that a picture says it is."""
    height = luma.shape[0]
    number = round((float(np.median(luma[height // 2 :])) - 60) / 40)
    bar = int(np.argmax(luma[2].astype(int))) // 4
    return number, bar
