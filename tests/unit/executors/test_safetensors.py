"""Weights are looked at before they are kept: whole, a LoRA, and made of numbers."""

from __future__ import annotations

import json
import pathlib
import struct
from typing import Any

import pytest
from movie_director.executors._safetensors import BadWeights, check_lora, write_note

from tests.servers.comfyui_worker import lora


def weights(header: Any, data: bytes = b"\0" * 8, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(start: int = 0, end: int = 8, shape: Any = (4,), dtype: Any = "BF16") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def test_a_lora_is_taken_with_the_number_of_its_tensors(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora())
    assert check_lora(path) == 2
    header = {
        "__metadata__": {"made": "here"},
        "lora_a": tensor(),
        "alpha": tensor(8, 12, (), "F32"),
    }
    path.write_bytes(weights(header, b"\0" * 12))
    assert check_lora(path) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "is empty"),
        (b"PK\x03\x04" + b"\0" * 40, "does not begin"),
        (b"\xff" * 64, "does not begin"),
        (weights({"lora": tensor()}, length=2**40), "does not begin"),
        (weights(b"{" * 100), "cannot be read"),
        (weights(b"[" * 100_000), "cannot be read"),
        (weights(b"\xff\xfe{}"), "cannot be read"),
        (weights([]), "makes no sense"),
        (weights({}), "makes no sense"),
        (weights({"lora": 7}), "makes no sense"),
        (weights({"lora": tensor(dtype="PICKLE")}), "makes no sense"),
        (weights({"lora": tensor(shape=(True, 4))}), "makes no sense"),
        (weights({"lora": tensor(shape=(-4,))}), "makes no sense"),
        (weights({"lora": tensor(shape=(2,) * 9)}), "makes no sense"),
        (weights({"lora": tensor(shape=(2**39, 2**39))}), "another size"),
        (weights({"lora": tensor(8, 0)}), "another size"),
        (weights({"lora": tensor(), "lora_b": tensor()}), "gaps"),
        (weights({"lora": tensor(8, 16)}, b"\0" * 16), "gaps"),
        (weights({"lora": tensor()}, b"\0" * 6), "is not whole"),
        (weights({"lora": tensor()}, b"\0" * 10), "is not whole"),
        (lora(whole=False), "is not whole"),
        (weights({"diffusion_model.conv.weight": tensor()}), "holds no LoRA"),
        (weights({"__metadata__": {"a": "b"}}, b""), "holds no LoRA"),
        (lora(b"\xc0\x7f"), "no numbers"),
        (lora(b"\x80\x7f"), "no numbers"),
        (weights({"lora": tensor(shape=(2,), dtype="F32")}, b"\0\0\xc0\x7f" * 2), "no numbers"),
        (weights({"lora": tensor(dtype="F16")}, b"\0\x7e" * 4), "no numbers"),
    ],
)
def test_anything_else_is_refused_with_the_reason(
    tmp_path: pathlib.Path, content: bytes, why: str
) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadWeights, match=why):
        check_lora(path)


def test_a_note_is_a_file_of_the_format_without_weights(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "note.safetensors"
    write_note(path, {"lora": "md_anna.safetensors"})
    (length,) = struct.unpack("<Q", path.read_bytes()[:8])
    assert length % 8 == 0
    assert path.stat().st_size == 8 + length
    header = json.loads(path.read_bytes()[8:])
    assert header == {"__metadata__": {"lora": "md_anna.safetensors"}}
    with pytest.raises(BadWeights, match="holds no LoRA"):
        check_lora(path)
