"""What real servers sent, read; and what no server should send."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.executors._comfyui.wire import (
    _READERS,
    Cached,
    Errored,
    Executed,
    Executing,
    Flags,
    Interrupted,
    Message,
    NodeState,
    Preview,
    Started,
    States,
    Status,
    Strange,
    Succeeded,
    Ticked,
    read_binary,
    read_text,
)

from tests.comfyui_data import binaries, messages, recorded

RECORDINGS = (
    "0.3.64/wire/all", "0.8/wire/basic", "0.8/wire/cached", "0.8/wire/errors", "0.8/wire/interrupt",
    "0.8/wire/sampler", "0.8/wire/media", "0.8/wire/reconnect", "0.33/wire/jobs",
)  # fmt: skip


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_message_that_was_recorded_is_understood(name: str) -> None:
    said = list(messages(recorded(name)))
    assert said
    strange = [each for each in said if isinstance(read_text(json.dumps(each)), Strange)]
    assert strange == []


def test_a_plain_run_is_read_message_for_message() -> None:
    said = recorded("0.8/wire/basic")
    id = said["prompt_id"]
    done = NodeState(state="finished", value=1.0, most=1.0)
    runs = NodeState(state="running", value=0.0, most=1.0)
    assert [read_text(json.dumps(each)) for each in messages(said["transcript"])] == [
        Status(remaining=1),
        Status(remaining=1),
        Started(prompt=id),
        Cached(prompt=id, nodes=frozenset()),
        States(prompt=id, nodes={"1": runs}),
        Executing(prompt=id, node="1"),
        States(prompt=id, nodes={"1": done}),
        States(prompt=id, nodes={"1": done, "2": runs}),
        Executing(prompt=id, node="2"),
        States(prompt=id, nodes={"1": done, "2": done}),
        States(prompt=id, nodes={"1": done, "2": done, "3": runs}),
        Executing(prompt=id, node="3"),
        Executed(
            prompt=id,
            node="3",
            output={
                "images": [{"filename": "basic_00001_.png", "subfolder": "lab", "type": "output"}]
            },
        ),
        States(prompt=id, nodes={"1": done, "2": done, "3": done}),
        Succeeded(prompt=id),
        Status(remaining=0),
        Executing(prompt=id, node=""),
    ]


def test_a_failure_tells_node_exception_and_message() -> None:
    said = recorded("0.8/wire/errors")["custom_node_raises"]
    errors = [read_text(json.dumps(each)) for each in messages(said["transcript"])]
    found = [each for each in errors if isinstance(each, Errored)]
    assert [(each.node_type, each.message, each.fatal) for each in found] == [
        ("LabFail", "boom from node", True)
    ]


def test_steps_and_interruptions_are_read() -> None:
    said = recorded("0.8/wire/interrupt")["interrupt_running_global"]
    found = [read_text(json.dumps(each)) for each in messages(said["transcript"])]
    assert any(isinstance(each, Ticked) and each.most > 1 for each in found)
    assert any(isinstance(each, Interrupted) for each in found)


def test_what_a_server_can_do_is_read() -> None:
    text = '{"type":"feature_flags","data":{"supports_preview_metadata":true,"max_upload_size":7}}'
    assert read_text(text) == Flags(previews=True, upload_bytes=7)


def test_the_headers_of_recorded_previews_are_read() -> None:
    said = list(binaries(recorded("0.8/wire/sampler")))
    assert {each["event_type"] for each in said} == {1, 4}
    for each in said:
        head = bytes.fromhex(each["first32_hex"])
        if each["event_type"] == 1:
            assert isinstance(read_binary(head), Preview)


@pytest.mark.parametrize(
    ("picture", "suffix"), [(b"\xff\xd8\xffrest", ".jpg"), (b"\x89PNG\r\n\x1a\nrest", ".png")]
)
def test_previews_come_with_and_without_whom_they_belong_to(picture: bytes, suffix: str) -> None:
    about = json.dumps({"prompt_id": "p", "node_id": "7", "image_type": "image/jpeg"}).encode()
    plain = struct.pack(">II", 1, 1) + picture
    told = struct.pack(">II", 4, len(about)) + about + picture
    assert read_binary(plain) == Preview(prompt="", node="", suffix=suffix, data=picture)
    assert read_binary(told) == Preview(prompt="p", node="7", suffix=suffix, data=picture)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\1",
        struct.pack(">II", 1, 1) + b"<html>",
        struct.pack(">II", 4, 2**31) + b"{}",
        struct.pack(">II", 4, 2) + b"[]" + b"\xff\xd8\xff",
        struct.pack(">II", 99, 1) + b"\xff\xd8\xff",
    ],
)
def test_a_binary_message_that_is_not_whole_is_strange(data: bytes) -> None:
    assert isinstance(read_binary(data), Strange)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", '{"type":7,"data":{}}', '{"type":"executing","data":[]}',
        '{"type":"executing","data":{}}', '{"type":"progress","data":{"value":"1"}}',
        '{"type":"status","data":{"status":null}}', '{"type":"nobody knows","data":{}}',
        "[" * 100_000, '{"type":"progress_state","data":{"prompt_id":"a","nodes":[1]}}',
    ],
)  # fmt: skip
def test_a_text_that_is_no_message_is_strange(text: str) -> None:
    assert isinstance(read_text(text), Strange)


@given(st.text() | st.binary())
def test_nothing_that_comes_breaks_the_reader(what: str | bytes) -> None:
    read = read_text(what) if isinstance(what, str) else read_binary(what)
    assert isinstance(read, Message)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["prompt_id", "node", "nodes", "value", "max", "status", "output", "1"]), inner
    ),
    max_leaves=10,
)  # fmt: skip


@given(st.sampled_from(sorted(_READERS)), ANY)
def test_whatever_a_server_says_the_reader_goes_on(kind: str, data: Any) -> None:
    assert isinstance(read_text(json.dumps({"type": kind, "data": data})), Message)
    about = json.dumps(data).encode()
    picture = struct.pack(">II", 4, len(about)) + about + b"picture"
    assert isinstance(read_binary(picture), Preview | Strange)
