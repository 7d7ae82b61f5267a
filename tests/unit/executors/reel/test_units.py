"""H.264 units keep their bytes when their framing changes."""

from __future__ import annotations

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.executors._animatic.reel.units import (
    annexb,
    annexb_parameters,
    avcc_parameters,
)

UNITS = st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=4)


@given(UNITS)
def test_units_are_kept_behind_start_codes(units: list[bytes]) -> None:
    packet = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    assert annexb(packet) == b"".join(b"\0\0\0\1" + unit for unit in units)


@given(UNITS, st.integers(1, 60))
def test_a_packet_that_breaks_off_is_refused(units: list[bytes], missing: int) -> None:
    packet = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    last = len(units[-1])
    with pytest.raises(ValueError, match="breaks off"):
        annexb(packet[: -min(missing, last)])


def test_the_parameters_of_a_file_and_of_its_encoder_are_the_same(tmp_path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=24)
        stream.width, stream.height = 64, 48
        file.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        file.mux(stream.encode(None))
        from_encoder = annexb_parameters(stream.codec_context.extradata)
    with av.open(str(path)) as file:
        from_file = avcc_parameters(file.streams.video[0].codec_context.extradata)
    assert from_file == from_encoder
    assert len(from_file) == 2


@given(st.binary(max_size=40))
def test_any_bytes_are_no_parameters_or_some_but_never_a_crash(data: bytes) -> None:
    assert isinstance(avcc_parameters(data), frozenset)
