"""A workflow is found in whatever ComfyUI saved it in; a hostile file costs little."""

from __future__ import annotations

import json
import pathlib
import struct
import zlib
from typing import Any

import av
import numpy as np
import pytest
from movie_director.core.errors import InputError, MediaError
from movie_director.executors._comfyui.bounded import Bounds
from movie_director.executors._comfyui.carried import Carried, read_carried

WORKFLOW = {"nodes": [{"id": 1, "type": "Ünïcode"}], "links": []}
PROMPT = {"1": {"class_type": "A", "inputs": {}, "is_changed": ["x"]}}
CLEAN = {"1": {"class_type": "A", "inputs": {}}}
BOTH = Carried(workflow=WORKFLOW, prompt=CLEAN)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + data + chunk(b"IEND", b"")


def text(value: Any, ascii: bool = True) -> bytes:
    return json.dumps(value, ensure_ascii=ascii).encode("utf-8")


def plain(key: bytes, value: Any) -> bytes:
    return chunk(b"tEXt", key + b"\0" + text(value))


def webp(*texts: bytes, prefix: bytes = b"") -> bytes:
    entries, blob = b"", b""
    start = 8 + 2 + 12 * len(texts) + 4
    for at, each in enumerate(texts):
        each += b"\0"
        entries += struct.pack("<HHII", 0x110 - at, 2, len(each), start + len(blob))
        blob += each
    exif = b"II*\0" + struct.pack("<IH", 8, len(texts)) + entries + b"\0\0\0\0" + blob
    exif = prefix + exif
    body = b"WEBP" + b"VP8 " + struct.pack("<I", 3) + b"abc\0"
    body += b"EXIF" + struct.pack("<I", len(exif)) + exif
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.fixture
def written(tmp_path: pathlib.Path) -> Any:
    def write(name: str, data: bytes) -> pathlib.Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def test_json_is_told_apart_by_what_it_holds(written: Any) -> None:
    assert read_carried(written("a.json", text(WORKFLOW))) == Carried(workflow=WORKFLOW)
    assert read_carried(written("b.JSON", text(PROMPT))) == Carried(prompt=CLEAN)


@pytest.mark.parametrize(
    "chunks",
    [
        (plain(b"prompt", PROMPT), plain(b"workflow", WORKFLOW)),
        (plain(b"Comment", 3), plain(b"prompt", PROMPT), plain(b"workflow", WORKFLOW)),
        (
            chunk(b"zTXt", b"prompt\0\0" + zlib.compress(text(PROMPT))),
            chunk(b"iTXt", b"workflow\0\0\0en\0w\0" + text(WORKFLOW, ascii=False)),
        ),
        (
            plain(b"prompt", PROMPT),
            chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(text(WORKFLOW, ascii=False))),
        ),
    ],
)
def test_a_png_gives_both_texts(written: Any, chunks: tuple[bytes, ...]) -> None:
    assert read_carried(written("a.png", png(*chunks))) == BOTH


def test_a_node_that_always_runs_is_read_although_its_mark_is_no_json(written: Any) -> None:
    always = text(PROMPT).replace(b'["x"]', b"[NaN]")
    picture = png(chunk(b"tEXt", b"prompt\0" + always))
    assert read_carried(written("a.png", picture)) == Carried(prompt=CLEAN)


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_a_webp_gives_both_texts(written: Any, prefix: bytes) -> None:
    data = webp(b"prompt:" + text(PROMPT), b"workflow:" + text(WORKFLOW), prefix=prefix)
    assert read_carried(written("a.webp", data)) == BOTH


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "mpeg4", {"movflags": "use_metadata_tags"}),
        ("a.mkv", "mpeg4", {}),
        ("a.webm", "libvpx-vp9", {}),
    ],
)
def test_a_clip_gives_both_texts(
    tmp_path: pathlib.Path, name: str, codec: str, options: dict[str, str]
) -> None:
    path = tmp_path / name
    with av.open(str(path), "w", options=options) as container:
        container.metadata["prompt"] = json.dumps(PROMPT)
        container.metadata["workflow"] = json.dumps(WORKFLOW)
        stream = container.add_stream(codec, rate=8)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    assert read_carried(path) == BOTH


def test_not_everything_in_a_file_has_to_be_there(written: Any) -> None:
    only = written("a.png", png(plain(b"workflow", WORKFLOW), plain(b"prompt", "no prompt")))
    assert read_carried(only) == Carried(workflow=WORKFLOW)


BOMB = zlib.compress(b"[" * (Bounds.SIZE + 1000))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", png(), "holds no workflow"),
        ("a.png", b"GIF89a", "does not begin as a PNG does"),
        ("a.png", png(chunk(b"zTXt", b"workflow\0\0" + BOMB)), "more than 64 MB"),
        ("a.png", png(chunk(b"zTXt", b"workflow\0\0nonsense")), "cannot be unpacked"),
        ("a.png", png()[:33] + struct.pack(">I", 2**31) + b"tEXt", "more than 64 MB"),
        ("a.png", png()[:33] + struct.pack(">I", 900) + b"tEXtprompt", "ends before"),
        ("a.png", png(chunk(b"tEXt", b"workflow\0" + b"[" * 90_000)), "nested deeper"),
        ("a.webp", b"RIFF\0\0\0\0WAVE", "does not begin as a WebP does"),
        ("a.webp", webp(b"workflow:" + text(WORKFLOW))[:60], "ends before"),
        ("a.webp", webp(b"other:1"), "holds no workflow"),
        ("a.webp", webp()[:24] + b"EXIF\x08\0\0\0II*\0\xff\xff\xff\xff", "points outside"),
        ("a.json", b"[1]", "holds no workflow"),
        ("a.json", b"{}", "holds no workflow"),
        ("a.json", b"{", "is not JSON"),
        ("a.exe", b"", "no kind of file"),
        ("a.mp4", b"nothing", "could not be read"),
    ],
)
def test_a_broken_or_hostile_file_is_refused(
    written: Any, name: str, data: bytes, said: str
) -> None:
    with pytest.raises((InputError, MediaError), match=said):
        read_carried(written(name, data))


@pytest.mark.parametrize("name", ["none.json", "none.png", "none.webp", "none.mp4"])
def test_a_file_that_is_not_there_is_said(tmp_path: pathlib.Path, name: str) -> None:
    with pytest.raises(InputError, match=r"could not be read|is not there"):
        read_carried(tmp_path / name)
