"""A real LiteLLM proxy with mock models: found, asked by task, its stories and forms taken."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from movie_director.core.address import parse_address
from movie_director.core.digest import Digest
from movie_director.core.errors import Unauthorised
from movie_director.core.executor import CancelFlag, Event, Finished, Produced, Setup, Ticket, Want
from movie_director.core.secrets import EnvironmentSecrets, variable_of
from movie_director.core.step import TEXT, NodeId, Place, Placed, Step, StepId
from movie_director.executors.language import Language

SERVERS = os.environ.get("MOVIE_DIRECTOR_SERVERS", "")
pytestmark = pytest.mark.skipif(
    not (SERVERS and pathlib.Path(SERVERS).is_file() and os.environ.get("MOVIE_DIRECTOR_HELPER")),
    reason="MOVIE_DIRECTOR_SERVERS and MOVIE_DIRECTOR_HELPER name no Pythons with their libraries",
)
#: A proxy loads a hundred packages: seconds, on a slow machine many.
STARTING_S = 90.0
KEY = "sk-of-the-tests"
STORY = "Once upon a time a kettle sang."
MODELS: list[dict[str, Any]] = [
    {
        "model_name": name,
        "litellm_params": {"model": f"openai/{name}", "api_key": "none", "mock_response": said},
    }
    for name, said in (
        ("llama-3.1-8b-instruct", '{"title": "Two Cups"}'),
        ("goat-70b-storytelling", STORY),
        ("nomic-embed-text", "never"),
    )
]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("proxy")
    config = folder / "config.yaml"
    config.write_text(json.dumps({"model_list": MODELS}), encoding="utf-8")  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "HF_HUB_OFFLINE": "1",  # or it looks for Llama's tokenizer for a minute
        "LITELLM_MASTER_KEY": KEY,  # it starts with no other
    }
    command = [str(pathlib.Path(SERVERS).parent / "litellm"), "--config", str(config)]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdout=log, stderr=log, cwd=folder, env={**os.environ, **told},
        )  # fmt: skip
    try:
        wait_for_it(port, running, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait(timeout=10)


def wait_for_it(port: int, running: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    ends = time.monotonic() + STARTING_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            said = log.read_text(errors="replace")[-2000:]
            assert running.poll() is None, said
            assert time.monotonic() < ends, said
            time.sleep(0.2)


@pytest.fixture
def language(proxy: str) -> Iterator[Language]:
    secrets = EnvironmentSecrets({variable_of(parse_address(proxy)): KEY})
    made = Language(Setup(cores=1, memory_bytes=2**30, secrets=secrets))
    yield made
    made.close()


def ask(
    language: Language, proxy: str, folder: pathlib.Path, task: str, form: Any
) -> tuple[Any, Produced]:
    service = language.identify(proxy)
    assert service is not None
    wish = Want(kind=TEXT, quality="final", width=1, height=1, fps=24.0, seconds=2.0)
    messages = [{"role": "user", "content": "A film about tea."}]
    step = Step(
        id=StepId("script:text"), node=NodeId("script"), kind=TEXT, label="",
        inputs={"task": task, "messages": messages, "schema": form, "seed": 1},
        intent=Digest("1"), place=Place(stem="answer", suffix=".json"),
    )  # fmt: skip
    placed = Placed(step=step, option=language.offer(wish)[0], service=service)
    said: list[Event] = []
    ticket = Ticket(id="t", step=step.id, attempt=1, folder=folder)
    language.run(placed, ticket, said.append, CancelFlag())
    assert isinstance(said[-1], Finished), said
    (made,) = (each for each in said if isinstance(each, Produced))
    return json.loads(made.path.read_text(encoding="utf-8")), made


def test_it_is_known_for_a_proxy_with_the_models_that_write(language: Language, proxy: str) -> None:
    service = language.identify(proxy)
    assert service is not None
    assert service.name == "LiteLLM proxy"
    assert set(service.models) == {"goat-70b-storytelling", "llama-3.1-8b-instruct"}


@pytest.mark.parametrize("key", ["", "sk-of-somebody-else"])
def test_without_its_key_it_says_that_a_token_is_needed(proxy: str, key: str) -> None:
    name = variable_of(parse_address(proxy))
    secrets = EnvironmentSecrets({name: key} if key else {})
    keyless = Language(Setup(cores=1, memory_bytes=2**30, secrets=secrets))
    with pytest.raises(Unauthorised) as caught:
        keyless.identify(proxy)
    assert name in caught.value.remedy
    assert not key or key not in str(caught.value)
    keyless.close()


def test_each_task_goes_to_the_model_that_is_good_at_it(
    language: Language, proxy: str, tmp_path: pathlib.Path
) -> None:
    form = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    answer, made = ask(language, proxy, tmp_path, "structure", form)
    assert (answer["value"], made.recipe["model"]) == (
        {"title": "Two Cups"},
        "llama-3.1-8b-instruct",
    )
    told, story = ask(language, proxy, tmp_path, "story", None)
    assert (told["text"], story.recipe["model"]) == (STORY, "goat-70b-storytelling")
    assert story.recipe["service"] == "LiteLLM proxy"
