"""A finished film against its edit list, found out by watching and listening to it.

``check(folder)`` decodes ``film.mp4`` and compares it with ``film.otio`` and the media that
names; ``python tests/film/film_check.py FOLDER`` does the same from a shell.
"""

from __future__ import annotations

import pathlib
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import av
import numpy as np
import opentimelineio as otio

SMALL = (96, 54)  # pixels of a picture that is compared
BLACK = 26  # luma under which a picture shows nothing
LOUDNESS = (-16.0, 1.0)  # LUFS, and how far off it may be
TRUE_PEAK = -1.0  # dBFS
HEARD = -45.0  # dBFS RMS under which a line is not heard


@dataclass
class Report:
    """What is wrong (nothing, in a good film), and what was measured."""

    problems: list[str] = field(default_factory=list)
    measured: dict[str, Any] = field(default_factory=dict)

    def expect(self, good: bool, problem: str) -> None:
        if not good:
            self.problems.append(problem)


@dataclass
class Shot:
    """A clip of the edit list: the film frames it is seen in alone, and where its media lies."""

    name: str
    start: int
    end: int
    first: int  # the media's frame at ``start``
    media: pathlib.Path
    plain_from: int = 0
    plain_to: int = 0


def check(folder: pathlib.Path) -> Report:
    """Watch and listen to the film in ``folder``."""
    report = Report()
    timeline = otio.adapters.read_from_file(str(folder / "film.otio"))
    (track,) = timeline.video_tracks()
    rate = Fraction(track.duration().rate).limit_denominator(1001)
    frames = round(track.duration().value)
    conformance(folder / "film.mp4", rate, frames, report)
    film = thumbnails(folder / "film.mp4")
    report.expect(len(film) == frames, f"{len(film)} frames can be decoded, not {frames}")
    shots = shots_of(track, folder)
    cuts(film, shots, report)
    black(film, dark_by_intent(track), rate, report)
    sound = heard(folder / "film.mp4")
    lines(sound, timeline, report)
    loudness(folder / "film.mp4", report)
    report.measured |= {"frames": len(film), "shots": len(shots), "rate": float(rate)}
    return report


def conformance(path: pathlib.Path, rate: Fraction, frames: int, report: Report) -> None:
    """Codecs, colour, size of the clock: what every player takes."""
    with av.open(str(path)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        context = video.codec_context
        found = (context.name, context.pix_fmt, context.colorspace, context.color_trc)
        report.expect(found == ("h264", "yuv420p", 1, 1), f"the picture is {found}")
        wanted = ("aac", 48000, "stereo")
        sound = (audio.codec_context.name, audio.rate, audio.layout.name)
        report.expect(sound == wanted, f"the sound is {sound}")
        report.expect(video.average_rate == rate, f"{video.average_rate} fps instead of {rate}")
        seen = float(video.duration * video.time_base)
        listened = float(audio.duration * audio.time_base)
        report.measured |= {"picture_s": round(seen, 4), "sound_s": round(listened, 4)}
        report.expect(
            abs(seen - listened) <= float(1 / rate), f"picture {seen} s, sound {listened} s"
        )
        stamps = sorted(
            packet.pts * packet.time_base for packet in file.demux(video) if packet.size
        )
    steady = all(abs(stamp - k / rate) < Fraction(1, 1000) for k, stamp in enumerate(stamps))
    report.expect(steady, "the frame rate is not constant")
    report.expect(len(stamps) == frames, f"{len(stamps)} frames are stored, not {frames}")


def thumbnails(path: pathlib.Path, first: int = 0, last: int = sys.maxsize) -> np.ndarray:
    """(frames, height, width) luma of a film, small."""
    found = []
    with av.open(str(path)) as file:
        for index, frame in enumerate(file.decode(video=0)):
            if index > last:
                break
            if index >= first:
                small = frame.reformat(*SMALL, format="gray", interpolation="AREA")
                found.append(small.to_ndarray())
    return np.array(found).reshape(-1, SMALL[1], SMALL[0])


def shots_of(track: Any, folder: pathlib.Path) -> list[Shot]:
    """The clips with their places; ``plain_from``/``plain_to`` leave transitions out."""
    found: list[Shot] = []
    for item in track.find_clips():
        place = item.trimmed_range_in_parent()
        before, after = (round(x.value) if x else 0 for x in offsets(track, item))
        shot = Shot(
            item.name,
            round(place.start_time.value),
            round(place.start_time.value + place.duration.value),
            round(item.source_range.start_time.value),
            folder / unquote(item.media_reference.target_url),
        )
        shot.plain_from, shot.plain_to = shot.start + before, shot.end - after
        found.append(shot)
    return found


def offsets(track: Any, item: Any) -> tuple[Any, Any]:
    """How much of the item's head and tail lies in transitions."""
    head, tail = track.neighbors_of(item)
    isa = otio.schema.Transition
    return (
        head.out_offset if isinstance(head, isa) else None,
        tail.in_offset if isinstance(tail, isa) else None,
    )


def cuts(film: np.ndarray, shots: list[Shot], report: Report) -> None:
    """Every straight cut is where the edit list has it: the pictures on both sides say so."""
    seen = 0
    for before, after in pairwise(shots):
        straight = before.plain_to == before.end == after.start == after.plain_from
        if not straight:
            continue
        old, new = thumbnails(before.media), thumbnails(after.media)
        cut = found_cut(film, before, after, old, new)
        if cut is not None:
            seen += 1
            report.expect(
                abs(cut - after.start) <= 1,
                f"the cut to {after.name} is at frame {cut}, not {after.start}",
            )
    for shot in shots:
        middle = (shot.plain_from + shot.plain_to) // 2
        own = thumbnails(shot.media)
        expected = own[min(len(own) - 1, middle - shot.start + shot.first)]
        off = distance(film[min(middle, len(film) - 1)], expected)
        report.expect(off < 6, f"frame {middle} is not {shot.name} (off by {off:.1f})")
    report.measured["cuts_seen"] = seen


def found_cut(
    film: np.ndarray, before: Shot, after: Shot, old: np.ndarray, new: np.ndarray
) -> int | None:
    """The first frame that looks like the new shot; None when the shots look the same there."""
    place = after.start
    held = old[min(len(old) - 1, before.end - 1 - before.start + before.first)]
    first = new[after.first]
    if distance(held, first) < 3:
        return None
    for frame in range(max(0, place - 5), min(len(film), place + 6)):
        if distance(film[frame], first) < distance(film[frame], held):
            return frame
    return -1


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of two pictures in luma steps."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def dark_by_intent(track: Any) -> list[tuple[int, int]]:
    """Film frames in which it may be black: gaps and fades."""
    found = []
    for item in track:
        if isinstance(item, otio.schema.Gap) or (
            isinstance(item, otio.schema.Transition) and "ade" in item.name
        ):
            place = item.range_in_parent()
            start = round(place.start_time.value)
            found.append((start, start + round(place.duration.value)))
    return found


def black(film: np.ndarray, allowed: list[tuple[int, int]], rate: Fraction, report: Report) -> None:
    """No black for more than half a second where none was wanted."""
    dark = np.percentile(film.reshape(len(film), -1), 99, axis=1) <= BLACK
    for start, end in allowed:
        dark[max(0, start) : end] = False
    longest = run = 0
    for is_dark in dark:
        run = run + 1 if is_dark else 0
        longest = max(longest, run)
    report.measured["longest_black_s"] = round(float(longest / rate), 3)
    report.expect(longest / rate <= 0.5, f"black for {float(longest / rate):.2f} s")


def heard(path: pathlib.Path) -> np.ndarray:
    """The film's sound, mono at 48 kHz."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=48000)
    with av.open(str(path)) as file:
        blocks = [
            block.to_ndarray()[0]
            for frame in file.decode(audio=0)
            for block in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def lines(sound: np.ndarray, timeline: Any, report: Report) -> None:
    """Something is heard while each line is spoken."""
    count = 0
    for track in timeline.audio_tracks():
        if track.metadata["movie_director"]["kind"] != "dialogue":
            continue
        for item in track.find_clips():
            place = item.range_in_parent()
            start = round(place.start_time.to_seconds() * 48000)
            spoken = sound[start : start + round(place.duration.to_seconds() * 48000)]
            level = 20 * np.log10(np.sqrt(np.mean(spoken.astype(np.float64) ** 2)) + 1e-9)
            report.expect(level > HEARD, f"'{item.name}' is not heard ({level:.0f} dBFS)")
            count += 1
    report.measured["lines"] = count


def loudness(path: pathlib.Path, report: Report) -> None:
    """Integrated loudness and true peak, measured by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        told: dict[str, str] = {}
        for frame in file.decode(stream):
            graph.push(frame)
            told = drained(graph, told)
        graph.push(None)
        told = drained(graph, told)
    measured = float(told["lavfi.r128.I"])
    peak = 20 * np.log10(max(1e-9, float(told["lavfi.r128.true_peak"])))
    report.measured |= {"lufs": round(measured, 2), "true_peak_db": round(float(peak), 2)}
    aim, tolerance = LOUDNESS
    report.expect(abs(measured - aim) <= tolerance, f"loudness {measured:.1f} LUFS")
    report.expect(peak < TRUE_PEAK, f"true peak {peak:.2f} dBFS")


def drained(graph: Any, told: dict[str, str]) -> dict[str, str]:
    """The meter's latest word; a true peak is the highest so far."""
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return told
        told = {**told, **dict(frame.metadata)}


if __name__ == "__main__":
    result = check(pathlib.Path(sys.argv[1]))
    sys.stdout.write(f"{result.measured}\n")
    sys.stdout.write("\n".join(result.problems or ["good"]) + "\n")
    sys.exit(bool(result.problems))
