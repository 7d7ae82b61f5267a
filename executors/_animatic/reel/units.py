# SPDX-License-Identifier: GPL-3.0-or-later
"""H.264 units: from the length-prefixed form of MP4 files to start codes, and parameter sets.

Pure bytes.  The forms are those of ISO/IEC 14496-15 section 5 (avcC, four-byte lengths)
and ITU-T H.264 annex B.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["annexb", "annexb_parameters", "avcc_parameters"]

_START = b"\0\0\0\1"
_SPS, _PPS = 7, 8


def annexb(packet: bytes) -> bytes:
    """A packet of length-prefixed units as a byte stream with start codes.

    Raises:
        ValueError: the lengths do not add up.
    """
    return b"".join(_START + unit for unit in _units(packet))


def _units(packet: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4])
        unit = packet[at + 4 : at + 4 + size]
        if not size or len(unit) != size:
            raise ValueError("a coded frame breaks off")
        yield unit
        at += 4 + size


def avcc_parameters(extradata: bytes | None) -> frozenset[bytes]:
    """The parameter sets in an MP4 track's avcC box; empty when it is not one with
    four-byte lengths."""
    if not extradata or len(extradata) < 7 or extradata[0] != 1 or extradata[4] & 3 != 3:
        return frozenset()
    found: set[bytes] = set()
    at = 5
    for mask in (0x1F, 0xFF):
        if at >= len(extradata):
            return frozenset()
        count, at = extradata[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2])
            found.add(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return frozenset(found)


def annexb_parameters(extradata: bytes | None) -> frozenset[bytes]:
    """The parameter sets in an encoder's header with start codes."""
    units = (extradata or b"").split(b"\0\0\1")
    return frozenset(
        unit.rstrip(b"\0") for unit in units if unit and unit[0] & 0x1F in (_SPS, _PPS)
    )
