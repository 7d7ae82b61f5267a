"""A film whose voices come from servers: spoken by one, taken over by another."""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import StepId
from movie_director.executors._finding import OFF

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.rvc_page import RvcPageServer
from servers.rvc_python import RvcServer
from servers.sounds import wav
from servers.speech import SpeechServer

SMALL = {"resolution": "custom", "width": 160, "height": 90, "fps": 12.0}
LINKS = (
    "voice.voice > anna.voice", "anna.character > hello.character", "tom.character > who.character",
    "anna.character > again.character", "hello.dialogue > one.dialogue", "who.dialogue > one.dialogue",
    "again.dialogue > two.dialogue", "one.shot > film.shots", "two.shot > film.shots",
    "film.sequence > out.sequence", "project.project > out.project",
)  # fmt: skip


def film(quality: str = "standard", **voice: Any) -> Graph:
    nodes = (
        Node(id="project", type="project", params={**SMALL, "quality": quality}),
        Node(id="voice", type="voice", params=voice),
        Node(id="anna", type="character", params={"name": "ANNA", "description": "A woman."}),
        Node(id="tom", type="character", params={"name": "TOM", "description": "An old man."}),
        Node(id="hello", type="dialogue", params={"line": "Is anybody there?"}),
        Node(id="who", type="dialogue", params={"line": "Only me."}),
        Node(id="again", type="dialogue", params={"line": "I heard something."}),
        Node(id="one", type="shot", params={"action": "A platform."}),
        Node(id="two", type="shot", params={"action": "She turns."}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output", params={}),
    )
    ends = [[tuple(end.split(".")) for end in link.split(" > ")] for link in LINKS]
    return Graph(nodes=nodes, links=tuple(Link(source=a, target=b) for a, b in ends))


def with_line(graph: Graph, id: str, line: str) -> Graph:
    """The film with another line in that place."""
    nodes = (
        Node(id=node.id, type=node.type, params={"line": line}) if node.id == id else node
        for node in graph.nodes
    )
    return Graph(nodes=tuple(nodes), links=graph.links)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SpeechServer, RvcServer]]:
    monkeypatch.delenv(OFF, raising=False)
    with SpeechServer() as speech, RvcServer() as rvc:
        for server in (speech, rvc):
            service_file.change(
                lambda known, url=server.url: known.with_place(url, elsewhere=False)
            )
        yield speech, rvc


def made(graph: Graph, folder: pathlib.Path) -> api.Result:
    result = api.evaluate(graph, folder, base=folder)
    assert result.ok, result.errors
    return result


def voices(result: api.Result) -> dict[str, str]:
    return {
        str(id): str(artifact.facts.get("voice", ""))
        for id, artifact in result.artifacts.items()
        if id.endswith((":speech", ":voice_conversion"))
    }


def test_every_line_is_spoken_by_the_server_in_its_characters_own_voice(servers, tmp_path) -> None:
    speech, rvc = servers
    result = made(film(), tmp_path)
    assert (tmp_path / "film.mp4").is_file()
    said = {asked["input"]: asked["voice"] for asked in speech.said}
    assert said["Is anybody there?"] == said["I heard something."]
    assert said["Is anybody there?"].startswith("af_")
    assert said["Only me."].startswith("am_")
    assert rvc.converted == []
    assert result.drift == ()


def test_a_trained_voice_takes_its_characters_lines_over_and_nobody_elses(
    servers, tmp_path
) -> None:
    speech, rvc = servers
    (tmp_path / "anna.pth").write_bytes(b"weights")
    result = made(film(model="anna.pth", pitch=3.0), tmp_path)
    assert len(rvc.converted) == 2
    assert len({(model, params["f0up_key"]) for model, params in rvc.converted}) == 1
    assert len(speech.said) == 3
    heard = voices(result)
    assert heard["hello:voice_conversion"] == heard["again:voice_conversion"]
    assert "who:voice_conversion" not in heard
    line = result.artifacts[StepId("hello:voice_conversion")]
    assert line.facts["converted"] is True
    assert [word for _, word in line.facts["words"]] == ["Is", "anybody", "there"]
    assert result.drift == ()


def test_lines_made_while_the_server_was_away_are_told_of(servers, tmp_path) -> None:
    speech, _ = servers
    made(film(), tmp_path)
    speech.on("/openapi.json", lambda request, line: setattr(line, "keep", False))
    speech.on("/v1/audio/voices", lambda request, line: setattr(line, "keep", False))
    result = made(with_line(film(), "again", "Nobody. Nothing."), tmp_path)
    (drift,) = result.drift
    assert drift.speaker == "ANNA"
    assert "again" in str(drift)


def speakers_of_lines(folder: pathlib.Path) -> dict[str, set[str]]:
    """The services that said the lines of each speaker, as the newest sidecars have it."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.wav.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["kind"] == "speech":
            assert record["facts"]["spoken_by"] == record["by"]["service"]
            name = record["inputs"]["speaker"]["name"]
            found.setdefault(name, set()).add(record["by"]["service"])
    return found


def test_of_two_servers_each_says_all_lines_of_a_character_also_those_written_later(
    servers, tmp_path
) -> None:
    first, _ = servers
    with SpeechServer(("af_sky", "am_puck")) as second:
        service_file.change(lambda known: known.with_place(second.url, elsewhere=False))
        result = made(film(), tmp_path)
        before = speakers_of_lines(tmp_path)
        again = made(with_line(film(), "again", "Nobody. Nothing."), tmp_path)
        after = speakers_of_lines(tmp_path)
    assert {name: len(services) for name, services in before.items()} == {"ANNA": 1, "TOM": 1}
    assert before["ANNA"] != before["TOM"]
    assert after == before
    assert (len(first.said), len(second.said)) in ((3, 1), (1, 3))
    assert result.drift == again.drift == ()


def test_a_draft_is_spoken_here(servers, tmp_path) -> None:
    speech, _ = servers
    made(film("draft"), tmp_path)
    assert speech.said == []


def recordings(folder: pathlib.Path) -> None:
    (folder / "hers").mkdir()
    (folder / "hers" / "one.wav").write_bytes(wav(18.0, 24_000, bursts=40))


def test_a_voice_is_learned_from_recordings_once_and_takes_its_lines_over(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.delenv(OFF, raising=False)
    recordings(tmp_path)
    graph = film("draft", samples="hers", epochs=3)
    with RvcPageServer() as page:
        service_file.change(lambda known: known.with_place(page.url, elsewhere=False))
        result = made(graph, tmp_path)
        made(graph, tmp_path)
    assert len(page.trained) == 1
    ((one, _), (other, _)) = page.converted
    learned = result.artifacts[StepId("voice:voice_training")]
    assert one == other == learned.facts["voice"]
    assert learned.path.suffix == ".zip"
    assert result.artifacts[StepId("hello:voice_conversion")].facts["converted"] is True


def test_without_a_page_the_plain_voice_stands_in_for_the_one_to_be_learned(tmp_path) -> None:
    recordings(tmp_path)
    result = made(film("draft", samples="hers", epochs=3), tmp_path)
    assert result.artifacts[StepId("hello:voice_conversion")].facts["converted"] is False
    assert result.artifacts[StepId("voice:voice_training")].facts["trained"] is False
