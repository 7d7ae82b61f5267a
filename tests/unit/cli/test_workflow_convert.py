"""``movie-director workflow convert``: files, folders and servers in, prompts out."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from movie_director.cli import main

from tests.comfyui_data import DATA

INFO = str(DATA / "0.33" / "object_info.json.gz")
EMPTY = {"id": 1, "type": "EmptyImage", "widgets_values": [64]}
WORKFLOW = {"nodes": [EMPTY], "links": []}
INPUTS = {"width": 64, "height": 512, "batch_size": 1, "color": 0}
PROMPT = {"1": {"class_type": "EmptyImage", "inputs": INPUTS, "_meta": {"title": "Empty Image"}}}
STRANGE = {"nodes": [{"id": 5, "type": "Strange"}], "links": []}


@pytest.fixture
def here(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "one.json", WORKFLOW)
    return tmp_path


def put(path: pathlib.Path, value: Any) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def convert(*words: str) -> int:
    return main(["workflow", "convert", *words])


def test_json_gives_each_prompt_by_its_files_name(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "more" / "two.json", WORKFLOW)
    put(here / "more" / "deep" / "three.json", PROMPT)
    put(here / "more" / "index.json", [1])
    assert convert("one.json", "more", "--object-info", INFO, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"one": PROMPT, "two": PROMPT, "three": PROMPT}


def test_two_files_of_one_name_are_told_apart(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "more" / "one.json", WORKFLOW)
    assert convert("one.json", "more", "--object-info", INFO, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"one.json": PROMPT, str(pathlib.Path("more", "one.json")): PROMPT}


def test_without_json_it_says_what_it_found_and_writes_files_where_asked(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert("one.json", "--object-info", INFO, "-o", "out") == 0
    heard = capsys.readouterr()
    assert heard.out == "one: 1 nodes\n"
    assert "nothing in it saves or shows" in heard.err
    assert json.loads((here / "out" / "one.json").read_text(encoding="utf-8")) == PROMPT


def test_a_file_that_fails_does_not_stop_the_others(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "strange.json", STRANGE)
    assert convert(".", "--object-info", INFO, "--json") == 1
    heard = capsys.readouterr()
    assert json.loads(heard.out) == {"one": PROMPT}
    assert "strange: The workflow uses nodes that the server does not have" in heard.err
    assert "Strange (node 5)" in heard.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.json", "--object-info", INFO], "There is no file none.json"),
        (["strange.json", "--object-info", INFO], "Strange (node 5)"),
        (["empty", "--object-info", INFO], "no workflow in these folders"),
        (["empty.json", "--object-info", INFO], "empty.json holds no workflow"),
        (["one.json", "--object-info", "none.json"], "none.json could not be read"),
        (["one.json", "--object-info", "one.json"], "one.json is not what /object_info answers"),
        (["one.json", "--object-info", "packed.json.gz"], "could not be unpacked"),
        (["one.json", "--object-info", INFO, "--url", "x"], "not allowed with"),
        (["one.json", "--url", "ftp://here"], "only http and https"),
        (["one.json", "--url", "http://me:secret@127.0.0.1"], "holds a password"),
        ([], "movie-director workflow convert --help"),
    ],
)
def test_bad_input_is_refused_with_a_way_out(
    here: pathlib.Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "strange.json", STRANGE)
    put(here / "empty.json", {})
    (here / "empty").mkdir()
    (here / "packed.json.gz").write_bytes(b"\x1f\x8bnonsense")
    assert convert(*words) == 2
    assert said in capsys.readouterr().err


# -- servers --------------------------------------------------------------------------------------

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A server on a real socket; gives its address and the paths it is asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def send(status: int, body: bytes, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    return answer


def test_a_running_server_is_asked_for_its_nodes_and_nothing_else(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = gzip.decompress(pathlib.Path(INFO).read_bytes())
    with serving(send(200, info)) as (url, asked):
        assert convert("one.json", "--url", url + "/", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"one": PROMPT}
    assert asked == ["/object_info"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (send(302, b"", Location="http://example.org/object_info"), "lead us elsewhere"),
        (send(404, b"no"), "answered HTTP 404"),
        (send(200, b"<html>"), "is not JSON"),
        (send(200, b"[]"), "not what /object_info answers"),
        (send(200, b"[" * 500_000), "nested deeper"),
        (
            send(200, gzip.compress(bytes(2**27)), **{"Content-Encoding": "gzip"}),
            "answered with more than",
        ),
    ],
)
def test_a_server_that_answers_something_else_is_refused(
    here: pathlib.Path, answer: Answer, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(answer) as (url, asked):
        assert convert("one.json", "--url", url) in (1, 2)
    assert said in capsys.readouterr().err
    assert asked == ["/object_info"]


def test_a_server_that_is_not_there_is_said(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(send(200, b"")) as (url, _):
        pass
    assert convert("one.json", "--url", url) == 1
    assert f"{url} does not answer" in capsys.readouterr().err
