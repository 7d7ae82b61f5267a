# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips on disk: their bytes, their keyframes, the user's own material in them."""

from __future__ import annotations

import errno
import tracemalloc
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from movie_director.core.errors import InputError, MediaError, StorageFull, StoreError
from movie_director.executors._animatic.picture import ClipFacts, render_clip, still, write_still
from movie_director.executors._animatic.picture.clip import ClipWriter, write_clip
from movie_director.executors._animatic.picture.film import Film


def packets(path: Path) -> list[Any]:
    with av.open(str(path)) as file:
        return [p for p in file.demux(video=0) if p.size]


def decoded(path: Path) -> list[np.ndarray[Any, Any]]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def test_the_same_shot_is_the_same_file(shot: Any, line: Any, tmp_path: Path) -> None:
    picture = shot(lines=(line,), camera_move="dolly_in")
    for name in ("a.mp4", "b.mp4"):
        render_clip(picture, tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_facts_tell_what_was_written(shot: Any, tmp_path: Path) -> None:
    facts = render_clip(shot(), tmp_path / "clip.mp4")
    assert facts == ClipFacts(frames=24, fps=24, width=320, height=180, seconds=1.0, codec="h264")
    assert len(decoded(tmp_path / "clip.mp4")) == 24


def test_a_clip_is_yuv420p_in_bt709_without_b_frames(shot: Any, tmp_path: Path) -> None:
    render_clip(shot(), tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as file:
        context = file.streams.video[0].codec_context
        facts = (context.pix_fmt, context.colorspace, context.color_range, context.has_b_frames)
    assert facts == ("yuv420p", 1, 1, False)
    assert all(p.pts == p.dts for p in packets(tmp_path / "clip.mp4"))


def test_asked_for_frames_are_keyframes_beside_the_regular_ones(shot: Any, tmp_path: Path) -> None:
    render_clip(shot(keyframes=(5, 11)), tmp_path / "clip.mp4")
    keys = [i for i, p in enumerate(packets(tmp_path / "clip.mp4")) if p.is_keyframe]
    assert keys == [0, 5, 11, 23]  # the count of twelve begins again at each


def test_what_is_encoded_is_what_was_drawn(shot: Any, tmp_path: Path) -> None:
    picture = shot()
    render_clip(picture, tmp_path / "clip.mp4", quality="final")
    error = np.abs(decoded(tmp_path / "clip.mp4")[12].astype(int) - still(picture, 12))
    assert error.mean() < 4


def test_cancelling_leaves_no_file(shot: Any, tmp_path: Path) -> None:
    heard: list[float] = []
    made = render_clip(
        shot(), tmp_path / "clip.mp4", progress=heard.append, cancelled=lambda: len(heard) > 5
    )
    assert made is None
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one(shot: Any, tmp_path: Path) -> None:
    heard: list[float] = []
    render_clip(shot(frames=8), tmp_path / "clip.mp4", progress=heard.append)
    assert heard == [(i + 1) / 8 for i in range(8)]


def test_sound_is_muxed_beside_the_picture(shot: Any, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "line.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        tone = np.sin(np.arange(48_000) * 0.05) * 12_000
        file.writeframes(tone.astype("<i2").tobytes())
    render_clip(shot(), tmp_path / "clip.mp4", audio=tmp_path / "line.wav")
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        heard = np.concatenate([f.to_ndarray()[0] for f in clip.decode(audio=0)])
    assert abs(len(heard) / 48_000 - 1.0) < 0.05
    assert np.abs(heard).max() > 0.2


def test_a_missing_recording_is_an_error_and_leaves_no_file(shot: Any, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.wav"):
        render_clip(shot(), tmp_path / "clip.mp4", audio=tmp_path / "gone.wav")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_quality_is_refused(shot: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="splendid"):
        render_clip(shot(), tmp_path / "clip.mp4", quality="splendid")


def test_a_missing_folder_is_an_error(shot: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        render_clip(shot(), tmp_path / "nowhere" / "clip.mp4")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_picture_of_ones_own_replaces_the_drawing(shot: Any, tmp_path: Path, suffix: str) -> None:
    own = tmp_path / f"own{suffix}"
    write_still(np.full((240, 400, 3), (20, 180, 60), np.uint8), own)
    middle = still(shot(media=str(own), captions=False), 3)[60:120, 120:200]
    assert np.abs(middle.astype(int) - (20, 180, 60)).max() < 14


def test_a_clip_of_ones_own_is_letterboxed_and_its_last_frame_held(
    shot: Any, tmp_path: Path
) -> None:
    render_clip(shot(width=160, height=160, frames=6, captions=False), tmp_path / "own.mp4")
    picture = shot(media=str(tmp_path / "own.mp4"), frames=12, captions=False)
    render_clip(picture, tmp_path / "clip.mp4")
    seen = decoded(tmp_path / "clip.mp4")
    assert len(seen) == 12
    assert seen[0][:, :60].max() < 12
    assert seen[0][:, 90:230].mean() > 30
    assert np.abs(seen[11].astype(int) - seen[7]).max() < 10


def test_broken_material_is_an_error_with_a_remedy(shot: Any, tmp_path: Path) -> None:
    (tmp_path / "noise.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 40)
    for name in ("noise.png", "noise.mp4", "missing.png", "missing.mov"):
        with pytest.raises(MediaError) as caught:
            render_clip(shot(media=str(tmp_path / name)), tmp_path / "out.mp4")
        assert name in caught.value.what
        assert caught.value.remedy
    assert not (tmp_path / "out.mp4").exists()


def test_a_gigantic_picture_is_refused_before_it_is_decoded(shot: Any, tmp_path: Path) -> None:
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0" * 64)
    with pytest.raises(MediaError, match=r"bomb\.png"):
        still(shot(media=str(tmp_path / "bomb.png")), 0)


def test_a_setting_with_a_picture_stands_in_it(shot: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    write_still(np.full((240, 400, 3), (20, 60, 180), np.uint8), tmp_path / "place.png")
    setting = replace(shot().setting, images=(str(tmp_path / "place.png"),))
    corner = still(shot(setting=setting, figures=(), captions=False), 0)[80:100, 150:170]
    assert corner.mean(axis=(0, 1))[2] > 120


def test_memory_does_not_grow_with_length(shot: Any) -> None:
    def peak(count: int) -> int:
        film = Film(shot(frames=count, camera_move="pan"))
        tracemalloc.start()
        for _ in film.frames():
            pass
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    assert peak(240) < peak(120) * 1.1


class FullDisk(ClipWriter):
    """A writer that runs out of room at its third frame."""

    def add(self, planes: Any, key: bool) -> None:
        if self.count == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().add(planes, key)


def test_a_full_disk_is_said_so_and_leaves_no_file(shot: Any, tmp_path: Path) -> None:
    writer = FullDisk(tmp_path / "clip.mp4", 320, 180, 24, "draft", None)
    with pytest.raises(StorageFull, match=r"clip\.mp4"):
        write_clip(
            writer, Film(shot()).frames(), 24, 24, frozenset(), lambda _: None, lambda: False
        )
    assert list(tmp_path.iterdir()) == []


def test_a_clip_at_an_ntsc_rate_has_exactly_that_rate(shot: Any, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    render_clip(shot(fps=23.976), path)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == Fraction(24000, 1001)
