# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own recordings: any format, any state, fitted to a time."""

from __future__ import annotations

import random

import av
import numpy as np
import pytest
from movie_director.core.errors import MediaError
from movie_director.executors._animatic.audio import (
    RATE_HZ,
    conformed,
    fit,
    fit_line,
    read_blocks,
    recorded_line,
    speak,
    wav_frames,
)


def encoded(path, samples, codec, rate=44_100, layout="mono"):
    """Write ``samples`` (mono, at ``rate``) as whatever the file name and codec say."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = rate
        for piece in (*resampler.resample(frame), None):
            container.mux(stream.encode(piece))
    return path


def spoken_at(rate):
    line = speak("Nobody waits here any more.").samples
    steps = np.arange(round(len(line) * rate / RATE_HZ)) * RATE_HZ / rate
    return np.interp(steps, np.arange(len(line)), line).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("line.wav", "pcm_s16le", 44_100, "mono"),
        ("line.flac", "flac", 96_000, "stereo"),
        ("line.mp3", "libmp3lame", 22_050, "mono"),
        ("line.m4a", "aac", 44_100, "stereo"),
        ("line.ogg", "libopus", 48_000, "mono"),
    ],
)
def test_common_formats_become_a_line_with_mouth_times(tmp_path, name, codec, rate, layout):
    source = spoken_at(rate)
    line = recorded_line(encoded(tmp_path / name, source, codec, rate, layout))
    assert line.seconds == pytest.approx(len(source) / rate, abs=0.12)
    assert line.samples.ndim == 1
    times = [mark.seconds for mark in line.marks]
    assert times == sorted(times)
    assert times[-1] <= line.seconds
    assert {"_", "a"} <= {mark.phoneme for mark in line.marks}


def test_a_quiet_recording_is_raised_and_a_loud_one_lowered_to_one_level(tmp_path):
    source = spoken_at(RATE_HZ)
    levels = []
    for index, gain in enumerate((0.25, 1.5)):
        path = tmp_path / f"{index}.wav"
        encoded(path, np.clip(source * gain, -1, 1), "pcm_s16le", RATE_HZ)
        levels.append(float(np.sqrt(np.mean(np.square(recorded_line(path).samples)))))
    assert levels[0] == pytest.approx(levels[1], rel=0.15)


def test_lips_are_still_where_the_recording_is(tmp_path):
    silence = np.zeros(RATE_HZ, dtype=np.float32)
    source = np.concatenate([silence, spoken_at(RATE_HZ), silence])
    line = recorded_line(encoded(tmp_path / "x.wav", source, "pcm_s16le", RATE_HZ))
    moving = [mark.seconds for mark in line.marks if mark.phoneme != "_"]
    assert moving[0] > 0.9
    assert moving[-1] < line.seconds - 0.8


def test_a_sound_is_conformed_to_a_plain_file(tmp_path):
    path = encoded(tmp_path / "music.mp3", spoken_at(44_100), "libmp3lame", 44_100)
    out = conformed(path, tmp_path / "out.wav")
    blocks = list(read_blocks(out))
    assert blocks[0].shape[1] == 2
    assert wav_frames(out) == pytest.approx(len(spoken_at(RATE_HZ)), abs=0.1 * RATE_HZ)


def test_what_is_no_sound_is_refused_with_a_remedy_and_leaves_nothing(tmp_path):
    generator = random.Random(5)
    bad = {
        "empty.wav": b"",
        "text.mp3": b"this is not music" * 50,
        "noise.m4a": bytes(generator.randrange(256) for _ in range(4000)),
        "header.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0",
        "list.m3u8": b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        for attempt in (recorded_line, lambda path: conformed(path, tmp_path / "out.wav")):
            with pytest.raises(MediaError) as caught:
                attempt(tmp_path / name)
            assert caught.value.remedy, name
    with pytest.raises(MediaError):
        recorded_line(tmp_path / "missing.wav")
    assert not (tmp_path / "out.wav").exists()


def test_a_silent_recording_is_said_to_be_silent(tmp_path):
    path = encoded(tmp_path / "x.wav", np.zeros(RATE_HZ, np.float32), "pcm_s16le", RATE_HZ)
    with pytest.raises(MediaError, match="silent"):
        recorded_line(path)


def test_a_recording_that_breaks_off_gives_what_there_is_or_says_so(tmp_path):
    path = encoded(tmp_path / "x.flac", spoken_at(48_000), "flac", 48_000)
    data = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        heard = outcome(path)
        if isinstance(heard, MediaError):
            assert heard.remedy
        else:
            assert 0 < heard.seconds < 3


def outcome(path):
    try:
        return recorded_line(path)
    except MediaError as error:
        return error


def pitch_of(samples):
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[np.argmax(power)]


@pytest.mark.parametrize("factor", [0.75, 0.85, 1.0, 1.2, 1.35])
def test_fitting_changes_the_length_and_keeps_the_pitch(factor):
    time_ = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = (0.3 * np.sin(2 * np.pi * 220 * time_)).astype(np.float32)
    fitted = fit(tone, 2 * factor)
    assert len(fitted.samples) == round(2 * factor * RATE_HZ)
    assert fitted.fits
    assert pitch_of(fitted.samples) == pytest.approx(220, abs=2)
    middle = fitted.samples[4800:-4800]
    assert np.sqrt(np.mean(np.square(middle))) == pytest.approx(0.3 / 2**0.5, rel=0.15)


def test_what_cannot_be_fitted_comes_as_near_as_speech_allows_and_says_so():
    tone = np.ones(RATE_HZ, dtype=np.float32)
    short, long = fit(tone, 0.2), fit(tone, 9.0)
    assert (short.fits, long.fits) == (False, False)
    assert (len(short.samples), len(long.samples)) == (36_000, 64_800)


def test_marks_move_with_a_fitted_line():
    line = speak("It left an hour ago.")
    fitted, fits = fit_line(line, line.seconds * 0.8)
    assert fits
    assert fitted.seconds == pytest.approx(line.seconds * 0.8, abs=1e-4)
    assert [m.seconds for m in fitted.marks] == pytest.approx(
        [m.seconds * 0.8 for m in line.marks], abs=1e-3
    )
    assert fitted.marks[-1].seconds <= fitted.seconds
