# SPDX-License-Identifier: GPL-3.0-or-later
"""The mix and its measure: exact length, loudness, peaks, ducking, in a flat amount of memory."""

from __future__ import annotations

import hashlib
import math
import pathlib
import subprocess
import sys
import time
import wave

import av
import numpy as np
import pytest
from movie_director.core.errors import MediaError, StoreError
from movie_director.executors._animatic.audio import (
    AmbienceSource,
    Cue,
    EffectSource,
    MixSpec,
    ScoreSource,
    integrated,
    mix,
    read_blocks,
    speak,
    true_peak,
    wav_frames,
    write_wav,
)

TESTS = pathlib.Path(__file__).resolve().parents[3]
RATE = 48_000


def tone(seconds, hertz=440.0, level=0.1):
    time_ = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * time_)).astype(np.float32)


def noise(seconds, level=0.1, seed=0):
    random = np.random.default_rng(seed)
    return (random.standard_normal((round(seconds * RATE), 2)) * level).astype(np.float32)


def file_of(folder, name, samples):
    path = folder / f"{name}.wav"
    write_wav(path, samples)
    return path


def whole(path):
    return np.concatenate(list(read_blocks(path)))


def measured_by_ffmpeg(samples):
    """Integrated LUFS and true peak dBTP from FFmpeg's ebur128 filter."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=RATE, format="flt", layout="stereo", time_base=f"1/{RATE}"
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    facts = {}
    for start in range(0, len(samples), 4800):
        piece = np.ascontiguousarray(samples[start : start + 4800].reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="stereo")
        frame.sample_rate, frame.pts = RATE, start
        graph.push(frame)
        while True:
            try:
                facts = dict(graph.pull().metadata)
            except (av.BlockingIOError, av.EOFError):
                break
    peaks = [float(value) for key, value in facts.items() if "true_peaks_ch" in key]
    return float(facts["lavfi.r128.I"]), 20 * math.log10(max(peaks))


SIGNALS = {
    "tone": np.stack([tone(8, 997, 0.5)] * 2, axis=1),
    "bass left, treble right": np.stack([tone(8, 60, 0.5), tone(8, 5000, 0.1)], axis=1),
    "noise": noise(8),
    "noise with pauses": noise(10) * (np.sin(np.arange(10 * RATE) / RATE * 2.5) > 0)[:, None],
    "quiet then loud": np.concatenate([noise(6, 0.004), noise(4, 0.2)]),
}


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_loudness_and_true_peak_agree_with_ffmpeg(name):
    samples = SIGNALS[name].astype(np.float32)
    lufs, peak = measured_by_ffmpeg(samples)
    assert integrated([samples]) == pytest.approx(lufs, abs=0.1)
    assert true_peak([samples]) == pytest.approx(peak, abs=0.25)


def test_measuring_does_not_depend_on_the_blocks():
    samples = noise(5)
    pieces = [samples[start : start + 7777] for start in range(0, len(samples), 7777)]
    assert integrated(pieces) == pytest.approx(integrated([samples]), abs=1e-6)
    assert true_peak(pieces) == pytest.approx(true_peak([samples]), abs=1e-6)


def test_the_peak_between_samples_is_seen():
    time_ = np.arange(RATE) / RATE
    wave_ = 0.5 * np.sin(2 * np.pi * 12_000 * time_ + np.pi / 4)
    assert 20 * math.log10(np.abs(wave_).max()) < -8.9
    assert true_peak([wave_.astype(np.float32)]) == pytest.approx(-6.0, abs=0.3)


def test_silence_has_no_loudness_and_stays_silent(tmp_path):
    facts = mix(MixSpec(seconds=3.5), tmp_path / "mix.wav")
    assert (facts.frames, facts.lufs, facts.gain_db) == (168_000, -math.inf, 0.0)
    assert not whole(tmp_path / "mix.wav").any()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Twenty seconds: two lines, rain, music, a gunshot."""
    folder = tmp_path_factory.mktemp("scene")
    first = file_of(folder, "one", speak("The last train left an hour ago.").samples)
    second = file_of(folder, "two", speak("Then we walk. It is not far from here.").samples)
    cues = (
        Cue(source=first, start_s=4.0, track="dialogue"),
        Cue(source=second, start_s=10.0, track="dialogue"),
        Cue(
            source=AmbienceSource(setting={"weather": "rain"}, seconds=20),
            start_s=0,
            track="ambience",
        ),
        Cue(source=ScoreSource(mood="noir", seconds=20), start_s=0, track="music"),
        Cue(source=EffectSource(prompt="gunshot"), start_s=15, track="effects"),
    )
    path = folder / "mix.wav"
    return MixSpec(seconds=20.02, cues=cues), path, mix(MixSpec(seconds=20.02, cues=cues), path)


def test_a_scene_is_loud_as_broadcast_wants_and_peaks_below_one_decibel(scene):
    _, path, facts = scene
    samples = whole(path)
    lufs, peak = measured_by_ffmpeg(samples)
    assert lufs == pytest.approx(-16.0, abs=0.3)
    assert facts.lufs == pytest.approx(lufs, abs=0.1)
    assert peak < -1.0
    assert len(samples) == facts.frames == round(20.02 * RATE)


def test_the_same_cues_give_the_same_bytes(scene, tmp_path):
    spec, path, _ = scene
    mix(spec, tmp_path / "again.wav")
    digests = [
        hashlib.sha256(one.read_bytes()).hexdigest() for one in (path, tmp_path / "again.wav")
    ]
    assert digests[0] == digests[1]


def test_music_gives_way_to_speech_by_ten_decibels_and_comes_back(tmp_path):
    music = file_of(tmp_path, "music", np.stack([tone(12, 3000, 0.05)] * 2, axis=1))
    voice = np.zeros(RATE * 3, dtype=np.float32)
    voice[RATE // 2 : -RATE // 2] = tone(2, 300, 0.1)
    line = file_of(tmp_path, "line", voice)
    cues = (
        Cue(source=music, start_s=0, track="music"),
        Cue(source=line, start_s=4, track="dialogue"),
    )
    facts = mix(MixSpec(seconds=12, cues=cues), tmp_path / "mix.wav")
    samples = whole(tmp_path / "mix.wav")[:, 0]

    def level(at):
        piece = samples[round(at * RATE) : round(at * RATE) + 9600] * np.hanning(9600)
        return 20 * math.log10(np.abs(np.fft.rfft(piece))[600])

    before, under, after = level(2.0), level(5.4), level(9.0)
    assert before - under == pytest.approx(10.0, abs=0.7)
    assert after == pytest.approx(before, abs=0.5)
    assert level(4.35) < before - 5  # already going down before the first sound at 4.5 s
    assert facts.ducked_s == pytest.approx(2.0, abs=0.1)


def test_a_sharp_peak_is_held_below_the_ceiling(tmp_path):
    spiky = noise(6, 0.02)
    spiky[RATE * 3 : RATE * 3 + 40] = 0.95
    mix(
        MixSpec(
            seconds=6, cues=(Cue(source=file_of(tmp_path, "s", spiky), start_s=0, track="effects"),)
        ),
        tmp_path / "mix.wav",
    )
    assert true_peak(read_blocks(tmp_path / "mix.wav")) < -1.0
    assert integrated(read_blocks(tmp_path / "mix.wav")) == pytest.approx(-16, abs=0.3)


def test_cues_lie_where_they_were_put_to_the_sample(tmp_path):
    click = np.zeros(480, dtype=np.float32)
    click[0] = 0.5
    path = file_of(tmp_path, "click", click)
    cues = tuple(Cue(source=path, start_s=at, track="effects") for at in (0.0, 0.999979, 2.5))
    mix(MixSpec(seconds=3, cues=cues), tmp_path / "mix.wav")
    heard = np.flatnonzero(np.abs(whole(tmp_path / "mix.wav")[:, 0]) > 0.05)
    assert heard.tolist() == [0, 47_999, 120_000]


def test_a_loop_fills_its_length_and_then_stops(tmp_path):
    path = file_of(tmp_path, "loop", noise(0.7))
    cues = (Cue(source=path, start_s=1, track="ambience", loop=True, length_s=4.0),)
    mix(MixSpec(seconds=7, cues=cues), tmp_path / "mix.wav")
    power = np.square(whole(tmp_path / "mix.wav")).mean(axis=1).reshape(-1, 4800).mean(axis=1)
    assert power[:10].max() == 0
    assert power[11:49].min() > 0.3 * power[11:49].max()
    assert power[51:].max() == 0


def test_pan_fade_skip_and_length_are_heard(tmp_path):
    path = file_of(tmp_path, "tone", tone(4))
    cue = Cue(
        source=path, start_s=0, track="effects", pan=-1, skip_s=1, length_s=2, fade_in_s=0.5,
        fade_out_s=0.5,
    )  # fmt: skip
    mix(MixSpec(seconds=3, cues=(cue,)), tmp_path / "mix.wav")
    left, right = whole(tmp_path / "mix.wav").T
    rms = np.sqrt(np.square(left).reshape(-1, 2400).mean(axis=1))
    assert np.abs(right).max() < 0.001
    assert rms[0] < 0.1 * rms[20] > rms[39]
    assert rms[41:].max() == 0


def test_cancelling_leaves_no_file_and_no_scratch(tmp_path):
    path = file_of(tmp_path, "tone", tone(4))
    asked = iter([False, False, True, True, True, True, True, True])
    spec = MixSpec(seconds=60, cues=(Cue(source=path, start_s=0, track="music", loop=True),))
    assert mix(spec, tmp_path / "mix.wav", cancelled=lambda: next(asked, True)) is None
    assert sorted(item.name for item in tmp_path.iterdir()) == ["tone.wav"]


def test_progress_grows_to_one(tmp_path):
    told = []
    path = file_of(tmp_path, "tone", tone(4))
    spec = MixSpec(seconds=5, cues=(Cue(source=path, start_s=0, track="music"),))
    mix(spec, tmp_path / "mix.wav", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_missing_sound_and_a_folder_that_is_not_there_are_said_with_a_remedy(tmp_path):
    gone = MixSpec(seconds=1, cues=(Cue(source=tmp_path / "no.wav", start_s=0, track="music"),))
    with pytest.raises(MediaError) as missing:
        mix(gone, tmp_path / "mix.wav")
    with pytest.raises(StoreError) as nowhere:
        mix(MixSpec(seconds=1), tmp_path / "no" / "mix.wav")
    assert missing.value.remedy
    assert nowhere.value.remedy


def test_the_file_is_plain_48_kilohertz_16_bit_stereo(scene):
    _, path, _ = scene
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
    assert wav_frames(path) == round(20.02 * RATE)


def test_mixing_is_far_faster_than_listening(scene, tmp_path):
    path = file_of(tmp_path, "noise", noise(30))
    cues = tuple(
        Cue(source=path, start_s=0, track=track) for track in ("dialogue", "music", "ambience")
    )
    start = time.process_time()  # of this process: what else the machine does is not counted
    mix(MixSpec(seconds=30, cues=cues), tmp_path / "mix.wav")
    assert time.process_time() - start < 30 / 10


PEAK = """
import resource, sys
from movie_director.executors._animatic.audio import *
from pathlib import Path
import numpy as np
folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
rain = AmbienceSource(setting={"place": "street", "weather": "rain"}, seconds=seconds)
music = ScoreSource(mood="noir", seconds=seconds)
cues = [Cue(source=rain, start_s=0, track="ambience"), Cue(source=music, start_s=0, track="music")]
write_wav(folder / "line.wav", speak("The last train left an hour ago.").samples)
cues += [Cue(source=folder / "line.wav", start_s=at, track="dialogue") for at in np.arange(2, seconds - 4, 5)]
mix(MixSpec(seconds=seconds, cues=tuple(cues)), folder / "mix.wav")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is POSIX only")
def test_ten_times_the_film_takes_no_more_memory(tmp_path):
    start = f"import sys; sys.path.insert(0, {str(TESTS)!r}); import conftest\n"
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", start + PEAK, str(tmp_path), str(seconds)],
                capture_output=True, text=True, check=True,
            ).stdout
        )
        for seconds in (24, 240)
    ]  # fmt: skip
    assert peaks[1] <= 1.1 * peaks[0], peaks
