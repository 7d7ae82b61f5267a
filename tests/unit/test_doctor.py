"""What a film lacks to be made as asked: each cause once, with its nodes and what mends it."""

from __future__ import annotations

import json
import pathlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from movie_director import api
from movie_director.cli import main
from movie_director.core.amounts import amount
from movie_director.core.errors import Incompatible, ServiceError, Unauthorised
from movie_director.core.lack import Diagnosis, Lack, gathered
from movie_director.core.service_state import State, Watched
from movie_director.core.step import CLIP, Device, DeviceId, NodeId, Option, Service, ServiceId
from movie_director.core.worker_watch import Seen
from movie_director.studio import Studio

from tests.fakes import FakeExecutor
from tests.servers.comfyui import ComfyServer

GIB = 2**30


@pytest.fixture
def studio() -> Iterator[Studio]:
    with Studio.open() as opened:
        yield opened


def film(*shots: str, quality: str = "final", **backend: Any) -> api.Film:
    """Shots, each with a Backend of these parameters if there are any."""
    made = api.new(title="Two Cups", quality=quality)
    for id in shots or ("shot",):
        made.add("shot", id=id, action=f"A cup, {id}.")
        made.link(id, "shot", "film", "shots")
        if backend:
            own = made.add("backend", **backend)
            made.link(own, "backend", id, "backend")
    return made


def seen_by(studio: Studio, made: api.Film, root: pathlib.Path) -> Diagnosis:
    return api.diagnose(studio, made.graph, root / "results", base=root)


def with_server(studio: Studio, server: ComfyServer) -> None:
    service = studio.executors["comfyui"].identify(server.url)
    assert service is not None
    studio.services = (*studio.services, service)
    card = Device(id=service.device, budget_bytes=80 * GIB)
    studio.devices = (*(each for each in studio.devices if each.id != card.id), card)


def place(address: str, state: State, error: ServiceError | None = None) -> Watched:
    return Watched(address=address, named=True, state=state, error=error)


def test_without_a_service_a_final_film_is_told_what_to_install(studio: Studio, tmp_path) -> None:
    assert seen_by(studio, film("one", "two"), tmp_path).missing == (
        Lack(
            cause="service",
            what="No service here makes clips.",
            fixes=(
                "movie-director services install comfyui",
                "movie-director services install wan2gp",
            ),
            nodes=(NodeId("one"), NodeId("two")),
        ),
    )


def test_a_backend_that_names_a_service_gets_that_one_alone(studio: Studio, tmp_path) -> None:
    (lack,) = seen_by(studio, film(service="wan2gp"), tmp_path).missing
    assert lack.fixes == ("movie-director services install wan2gp",)


def test_a_sketch_that_was_asked_for_lacks_nothing(studio: Studio, tmp_path) -> None:
    found = seen_by(studio, film(service="animatic"), tmp_path)
    assert found == Diagnosis()
    found = seen_by(studio, film(quality="draft"), tmp_path)
    assert (found.ok, [each.cause for each in found.better]) == (True, ["service"])


def test_every_file_that_is_missing_is_named_with_its_node(studio: Studio, tmp_path) -> None:
    made = film("one", "two", service="animatic")
    anna = made.add("character", name="ANNA", images=("anna.png",), lora="anna.safetensors")
    made.link(anna, "character", "one", "characters")
    made.set("two", media="//clips/cup.mp4")
    voice = made.add("voice", recording="anna.wav")
    made.link(voice, "voice", anna, "voice")
    found = seen_by(studio, made, tmp_path).missing
    assert {each.cause for each in found} == {"file"}
    assert sorted((each.what.split("'")[1], *each.nodes) for each in found) == [
        ("//clips/cup.mp4", "two"), ("anna.png", "character"),
        ("anna.safetensors", "character"), ("anna.wav", "voice"),
    ]  # fmt: skip


def test_a_trained_voice_without_its_service_is_told(studio: Studio, tmp_path) -> None:
    (tmp_path / "anna.pth").write_bytes(b"weights")
    made = film(service="animatic", quality="draft")
    anna = made.add("character", name="ANNA")
    voice = made.add("voice", model="anna.pth")
    line = made.add("dialogue", line="He is not coming.")
    made.link(voice, "voice", anna, "voice")
    made.link(anna, "character", line, "character")
    made.link(line, "dialogue", "shot", "dialogue")
    (lack,) = seen_by(studio, made, tmp_path).missing
    assert (lack.cause, lack.nodes) == ("service", ("dialogue",))
    assert lack.fixes == (
        "movie-director services install applio",
        "movie-director services install rvc_page",
        "movie-director services install rvc_python",
    )


def test_models_that_a_server_lacks_come_with_folder_source_and_size(
    studio: Studio, tmp_path
) -> None:
    with ComfyServer() as server:
        # Every class there is, and not one file of weights.
        from movie_director.executors._comfyui.stock import stock_nodes

        server.classes = {name: {} for name in stock_nodes()}
        with_server(studio, server)
        found = seen_by(studio, film("one", "two", service="comfyui"), tmp_path).missing
    assert {each.cause for each in found} == {"model"}
    assert all(each.nodes == ("one", "two") for each in found)
    for each in found:
        assert f"ComfyUI at {server.url} does not have models/" in each.what
        assert each.bytes > 0
        assert amount(each.bytes) in each.what
        assert each.fixes[0].startswith("Put it there from https://")


def test_an_old_server_is_told_to_update_and_unknown_nodes_where_they_come_from(
    studio: Studio, tmp_path
) -> None:
    with ComfyServer("0.3.64") as server:
        server.classes = {"SaveVideo": {}}
        with_server(studio, server)
        found = seen_by(studio, film(service="comfyui"), tmp_path).missing
    causes = {each.cause: each for each in found}
    assert "nodes" in causes
    assert causes["nodes"].fixes[0].startswith("Update ComfyUI")


@pytest.mark.parametrize(
    ("watched", "cause"),
    [
        (
            place(
                "https://gpu.lan", State.UNAUTHORISED,
                Unauthorised("It wants a token.", remedy="Set TOKEN."),
            ),
            "token",
        ),
        (
            place("https://gpu.lan", State.HELD, ServiceError("Not allowed.", remedy="Allow it.")),
            "permission",
        ),
        (
            place(
                "http://127.0.0.1:7860", State.INCOMPATIBLE,
                Incompatible("It is a page.", remedy="Start the other."),
            ),
            "state",
        ),
        (place("http://127.0.0.1:8188", State.LOST), "state"),
    ],
)  # fmt: skip
def test_what_is_there_and_not_ready_is_told_with_its_remedy(
    studio: Studio, tmp_path, watched: Watched, cause: str
) -> None:
    studio.seen = Seen(places={watched.address: watched})
    found = seen_by(studio, film(), tmp_path).missing
    assert [each.cause for each in found] == [cause, "service"]
    assert watched.address in found[0].what
    if watched.error is not None:
        assert found[0].fixes == (watched.error.remedy,)


def test_memory_that_is_too_small_names_the_rung_that_would_fit(studio: Studio, tmp_path) -> None:
    class Hungry(FakeExecutor):
        name = "hungry"
        kinds = frozenset({CLIP})

        def offer(self, want):
            large = Option(executor="hungry", workflow="wan", precision="fp16", work_bytes=30 * GIB)
            small = replace(large, precision="fp8", work_bytes=12 * GIB, allowed=False,
                            note="fp8 instead of fp16, 18.0 GiB less")  # fmt: skip
            return (large, small) if want.kind == CLIP else ()

    studio.executors = {**studio.executors, "hungry": Hungry()}
    service = Service(
        id=ServiceId("hungry@1"), executor="hungry", name="Hungry", address="http://127.0.0.1:1",
        device=DeviceId("card"), capabilities=frozenset({CLIP}),
    )  # fmt: skip
    studio.services = (*studio.services, service)
    studio.devices = (*studio.devices, Device(id=DeviceId("card"), budget_bytes=16 * GIB))
    (lack,) = seen_by(studio, film(), tmp_path).missing
    assert (lack.cause, lack.bytes) == ("memory", 14 * GIB)
    assert lack.fixes[0] == (
        "Allow something simpler on the Backend node: fp8 instead of fp16, 18.0 GiB less"
    )


def test_a_full_disk_is_told(studio: Studio, tmp_path, monkeypatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    (lack,) = seen_by(studio, film(service="animatic"), tmp_path).missing
    assert (lack.cause, lack.nodes) == ("disk", ())
    assert "Free some space" in lack.fixes[0]


def test_a_film_that_cannot_be_compiled_says_where(studio: Studio, tmp_path) -> None:
    (lack,) = seen_by(studio, api.Film(), tmp_path).missing
    assert lack.cause == "film"
    assert lack.fixes[0]


def test_each_cause_is_told_once_in_the_order_of_mending() -> None:
    disk = Lack(cause="disk", what="d", fixes=("f",))
    model = Lack(cause="model", what="m", fixes=("f",))
    one, two = (replace(model, nodes=(NodeId(n),)) for n in "ab")
    assert gathered([disk, one, two, one]) == (
        replace(model, nodes=(NodeId("a"), NodeId("b"))),
        disk,
    )


def test_the_command_ends_with_1_where_something_is_missing(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "film.json"
    api.write(film("one").graph, path)
    assert main(["doctor", str(path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["ok"]) == ("movie-director/doctor@1", False)
    assert said["missing"][0]["nodes"] == ["one"]
    assert main(["doctor", str(path)]) == 1
    words = capsys.readouterr().out
    assert "No service here makes clips. [one]" in words
    assert "  movie-director services install comfyui" in words
    api.write(film("one", service="animatic").graph, path)
    assert main(["doctor", str(path)]) == 0
    assert "Nothing is missing" in capsys.readouterr().out


def test_a_template_that_is_not_there_is_told_by_its_name(studio: Studio, tmp_path) -> None:
    with ComfyServer() as server:
        with_server(studio, server)
        found = seen_by(studio, film(service="comfyui", template="nosuch"), tmp_path).missing
    assert [(each.what, each.nodes) for each in found] == [
        ("There is no workflow 'nosuch'.", (NodeId("shot"),))
    ]
    assert "movie-director workflow list" in found[0].fixes[0]


def test_who_refuses_is_told_beside_those_who_would_do_it(studio: Studio, tmp_path) -> None:
    class Picky(FakeExecutor):
        name = "picky"

        def offer(self, want):
            return (Option(executor="picky"),) if want.kind == CLIP else ()

    studio.executors = {**studio.executors, "picky": Picky(refusal="it makes cats alone")}
    service = Service(
        id=ServiceId("picky@1"), executor="picky", name="Picky", address="http://127.0.0.1:1",
        device=DeviceId("cpu"), capabilities=frozenset({CLIP}),
    )  # fmt: skip
    studio.services = (*studio.services, service)
    told = {each.cause: each for each in seen_by(studio, film(), tmp_path).missing}
    assert told["refused"].what == (
        "Picky at http://127.0.0.1:1 cannot do it: it makes cats alone."
    )
    assert told["service"].what == "No other service here makes clips."


def test_a_shot_with_a_clip_of_its_own_lacks_nothing(studio: Studio, tmp_path) -> None:
    (tmp_path / "cup.mp4").write_bytes(b"not looked at")
    made = film()
    made.set("shot", media="cup.mp4")
    assert seen_by(studio, made, tmp_path) == Diagnosis()


def test_pictures_that_are_too_few_to_learn_a_character_from_are_missing(
    studio: Studio, tmp_path: pathlib.Path
) -> None:
    made = film(quality="draft")
    (tmp_path / "anna.png").write_bytes(b"a picture")
    made.add("character", id="anna", name="ANNA", tier="ultimate", images=("anna.png",))
    made.link("anna", "character", "shot", "characters")
    found = seen_by(studio, made, tmp_path)
    (lack,) = [each for each in found.missing if each.nodes == ("anna",)]
    assert lack.cause == "file"
    assert lack.what.startswith("ANNA has 1 reference picture, too few to learn a LoRA from")
    assert lack.fixes == (
        "Add pictures until there are 5 different ones, or give a LoRA of your own",
    )
