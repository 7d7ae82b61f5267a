"""What a scripted ComfyUI saves of clips, as a real one would: moving, small, and made of what it was sent."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from .comfyui import ComfyServer

Frames = list[NDArray[np.uint8]]
#: Of the clips it makes by itself.
FPS, WIDTH, HEIGHT = 16, 160, 96


def moving(server: ComfyServer) -> Callable[[Mapping[str, Any]], bytes]:
    """What the server saves for a prompt: a clip that grows lighter from frame to frame.

    Nodes that interpolate or enlarge do so with what was uploaded.
    """

    def video(nodes: Mapping[str, Any]) -> bytes:
        found = {node["class_type"]: node["inputs"] for node in nodes.values()}
        if "LoadVideo" not in found:
            length = next(int(each["length"]) for each in found.values() if "length" in each)
            return clip_of(_ramp(length), FPS)
        frames, fps = _decoded(server.uploads[found["LoadVideo"]["file"]])
        if "FrameInterpolate" in found:
            times = int(found["PrimitiveInt"]["value"])
            return clip_of(list(_between(frames, times)), fps * times)
        enlarged = found.get("ResizeImageMaskNode", {"resize_type.multiplier": 4})
        times = float(enlarged["resize_type.multiplier"])
        height, width = (round(side * times) // 2 * 2 for side in frames[0].shape[:2])
        return clip_of([_scaled(frame, width, height) for frame in frames], fps)

    return video


def clip_of(frames: Frames, fps: float) -> bytes:
    """An MP4 of these frames."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=round(fps), options={"crf": "10"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode(None))
    return out.getvalue()


def lightness(path: Path) -> tuple[list[float], tuple[int, int], float]:
    """The mean grey of each of a clip's frames, its size and its frames a second."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        greys = [float(f.to_ndarray(format="gray").mean()) for f in file.decode(stream)]
        return greys, (stream.width, stream.height), float(stream.average_rate)


def _ramp(length: int) -> Frames:
    shades = np.linspace(40, 220, length)
    return [np.full((HEIGHT, WIDTH, 3), round(shade), np.uint8) for shade in shades]


def _decoded(body: bytes) -> tuple[Frames, float]:
    with av.open(io.BytesIO(body)) as file:
        stream = file.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(stream)]
        return frames, float(stream.average_rate)


def _between(frames: Frames, times: int) -> Iterator[NDArray[np.uint8]]:
    """(frames - 1) x times + 1 frames, as ComfyUI's node makes them."""
    for first, then in itertools.pairwise(frames):
        for part in range(times):
            share = part / times
            yield np.round(first * (1 - share) + then * share).astype(np.uint8)
    yield frames[-1]


def _scaled(frame: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    sized = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(width=width, height=height)
    return np.asarray(sized.to_ndarray(format="rgb24"), np.uint8)
