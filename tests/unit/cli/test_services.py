"""``movie-director services``: what was found, what is wrong, what to do; nothing elsewhere unasked."""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from movie_director.cli import main
from movie_director.cli.verbs.services import _ranges
from movie_director.core import service_file
from movie_director.core.errors import Incompatible, Unauthorised
from movie_director.core.executor import Health
from movie_director.core.patience import Operation
from movie_director.core.service_file import Uptime
from movie_director.core.step import CLIP, DeviceId, Service, ServiceId
from movie_director.executors._finding import OFF
from movie_director.node_types import catalogue
from movie_director.studio import Studio

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from servers.misbehaving import Misbehaving

from tests.fakes import FakeExecutor


class Remote(FakeExecutor):
    """Knows a ComfyUI on any port that is open; ``trouble`` is what it says of it instead."""

    name = "comfyui"
    trouble: Exception | None = None

    def devices(self):
        return ()

    def services(self):
        return ()

    def identify(self, address: str) -> Service | None:
        if self.trouble is not None:
            raise self.trouble
        return Service(
            id=ServiceId(address), executor=self.name, name="ComfyUI", version="0.33.0",
            address=address, device=DeviceId("gpu"), gpu="cuda:0 RTX 4090",
            memory_bytes=24 * 2**30, capabilities=frozenset({CLIP}), models=("wan", "flux"),
        )  # fmt: skip

    def health(self, service: Service) -> Health:
        return Health(free_bytes=20 * 2**30, total_bytes=24 * 2**30, waiting=1)


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with Misbehaving() as server:
        yield server


@pytest.fixture
def remote(monkeypatch) -> Remote:
    monkeypatch.setenv(OFF, "")
    executor = Remote()
    executor.name = "comfyui"
    opened = lambda cls, **more: cls(catalogue(), {"comfyui": executor})  # noqa: E731 - as a method
    monkeypatch.setattr(Studio, "open", classmethod(opened))
    return executor


def test_what_was_found_is_shown(remote, server, capsys) -> None:
    service_file.change(lambda known: known.after({server.url: Uptime(up_s=95.0, seen_s=100.0)}))
    assert main(["services", "--add", f"localhost:{server.port}/queue"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[:5] == [
        f"ComfyUI 0.33.0 at {server.url}: connected, up 95% of the time",
        "  makes clip",
        "  cuda:0 RTX 4090: 20.0 GiB of 24.0 GiB free",
        "  2 models",
        "  1 piece of work there already",
    ]
    assert f"services token {server.url}" in told.err


def test_what_it_has_no_model_for_is_said_with_the_way_to_get_it(
    remote, server, capsys, monkeypatch
) -> None:
    whole = remote.identify
    bare = lambda address: replace(whole(address), lacking=frozenset({CLIP}))  # noqa: E731 - as a method
    monkeypatch.setattr(remote, "identify", bare)
    assert main(["services", "--add", server.url]) == 0
    assert capsys.readouterr().out.splitlines()[1:4] == [
        "  makes nothing we use",
        "  has no model for clip; which files, and from where:",
        f"  movie-director workflow check --url {server.url}",
    ]


def test_a_program_gets_it_as_json(remote, server, capsys) -> None:
    service_file.change(lambda known: known.with_place(server.url))
    assert main(["services", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "movie-director/services-found@1"
    (one,) = told["services"]
    assert {name: one[name] for name in ("address", "state", "name", "version", "makes")} == {
        "address": server.url, "state": "ready", "name": "ComfyUI", "version": "0.33.0",
        "makes": ["clip"],
    }  # fmt: skip
    assert one["models"] == ["wan", "flux"]
    assert one["total_bytes"] == 24 * 2**30


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (Unauthorised("It wants a token.", remedy="Give it."), "token needed"),
        (Incompatible("It is too old.", remedy="Update it."), "cannot be used"),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(remote, server, capsys, trouble, state) -> None:
    remote.trouble = trouble
    service_file.change(lambda known: known.with_place(server.url))
    assert main(["services"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"{server.url}: {state}", f"  {trouble.what}", f"  {trouble.remedy}"]
    assert "no service was found: the built-in animatic makes everything" in lines


def test_a_named_place_where_nobody_is_known_comes_with_what_to_do(
    remote, server, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(remote, "identify", lambda address: None)
    service_file.change(lambda known: known.with_place(server.url))
    assert main(["services"]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        f"{server.url}: not found",
        "  No service that is known here answers.",
        "  Start it, or correct its address: --remove takes this one away.",
    ]


@pytest.mark.parametrize("option", ["--add", "--remove", "--wait"])
def test_an_option_with_nothing_written_is_wrong_use(remote, capsys, option) -> None:
    assert main(["services", option, ""]) == 2
    assert capsys.readouterr().out == ""
    assert not service_file.services_path().exists()


def test_a_yes_without_an_address_is_wrong_use(remote, capsys) -> None:
    assert main(["services", "--elsewhere"]) == 2
    assert "--add https://gpu.lan --elsewhere" in capsys.readouterr().err


def test_a_machine_elsewhere_needs_a_yes(remote, capsys) -> None:
    assert main(["services", "--add", "http://192.0.2.9:8188"]) != 0
    told = capsys.readouterr().err
    assert "is not this machine" in told
    assert "--elsewhere" in told
    assert service_file.load().named == ()


def test_a_secret_in_an_address_is_neither_kept_nor_shown(remote, capsys) -> None:
    assert main(["services", "--add", "http://me:hunter2@127.0.0.1:8188"]) != 0
    told = capsys.readouterr()
    assert "hunter2" not in told.out + told.err
    assert not service_file.services_path().exists()


def test_a_place_is_forgotten(remote, server, capsys) -> None:
    service_file.change(lambda known: known.with_place(server.url))
    assert main(["services", "--remove", server.url]) == 0
    assert server.url not in capsys.readouterr().out
    assert service_file.load().named == ()


def test_a_kind_of_question_is_given_the_time_one_wants(remote, capsys) -> None:
    assert main(["services", "--wait", "video=7200"]) == 0
    assert "video is given 7200 s from now on" in capsys.readouterr().err
    assert main(["services", "--wait", "video="]) == 0
    assert "video is given 3600 s from now on" in capsys.readouterr().err


def test_executors_give_services_the_time_that_was_settled() -> None:
    service_file.change(lambda known: known.with_wait(Operation.VIDEO, 7200.0))
    with Studio.open(cores=1) as studio:
        for name in ("comfyui", "wan2gp"):
            assert studio.executors[name]._patience.of(Operation.VIDEO) == 7200.0


@pytest.mark.parametrize("text", ["video", "tea=5", "video=0", "video=soon", "video=1e9", "=5"])
def test_what_is_no_time_is_answered_with_what_to_write(remote, capsys, text) -> None:
    assert main(["services", "--wait", text]) == 2
    told = capsys.readouterr().err
    assert "is no time for a kind of question" in told
    assert "video=7200" in told
    assert service_file.load().waits == {}


def test_without_any_service_it_says_what_makes_the_film(remote, capsys) -> None:
    assert main(["services"]) == 0
    assert "the built-in animatic makes everything" in capsys.readouterr().out


def test_what_a_server_calls_itself_cannot_steer_the_terminal(remote, server, capsys) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    remote.trouble = Incompatible(f"It is {evil}.", remedy=f"Do {evil}.")
    assert main(["services", "--add", server.url]) == 0
    said = capsys.readouterr()
    assert "It is" in said.out
    assert not set("\x1b\x07\u202e") & set(said.out + said.err)


def test_ports_in_a_row_are_told_as_one() -> None:
    places = ["http://127.0.0.1:8190", "http://127.0.0.1:8188", "http://127.0.0.1:8189"]
    assert list(_ranges([*places, "http://127.0.0.1:9000"])) == [
        "http://127.0.0.1:8188-8190", "http://127.0.0.1:9000",
    ]  # fmt: skip
