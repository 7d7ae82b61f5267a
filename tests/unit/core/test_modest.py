"""What services say of themselves is fit to be shown, whatever they say."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.errors import Incompatible
from movie_director.core.executor import Health
from movie_director.core.modest import modest, modest_error, modest_health, modest_service
from movie_director.core.step import DeviceId, ModelId, Service, ServiceId

EVIL = "1.0\x1b]0;owned\x07\x1b[2J\n\u202egpj.exe"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_any_text_comes_out_short_printable_and_on_one_line(text: str, most: int) -> None:
    said = modest(text, most)
    assert len(said) <= most
    assert said.isprintable()
    assert modest(said, most) == said


def test_words_stay_as_they_are() -> None:
    assert modest("ComfyUI 0.33.0 (CUDA, zwölf)") == "ComfyUI 0.33.0 (CUDA, zwölf)"


def test_a_service_keeps_what_it_is_and_loses_what_would_steer() -> None:
    service = Service(
        id=ServiceId("a"), executor="x", device=DeviceId("d"), name=EVIL, version="v" * 10_000_000,
        gpu="\x00", models=("wan.safetensors", EVIL, "m" * 5000, "flux/dev ü.gguf"),
    )  # fmt: skip
    began = time.monotonic()
    said = modest_service(service)
    assert time.monotonic() - began < 0.5
    assert (said.id, said.executor, said.device) == (service.id, service.executor, service.device)
    assert said.name.isprintable()
    assert len(said.version) <= 120
    assert said.gpu == "?"
    assert said.models == ("wan.safetensors", "flux/dev ü.gguf")


def test_its_health_and_its_errors_too() -> None:
    health = Health(waiting=3, note=EVIL, loaded=frozenset({ModelId("wan"), ModelId(EVIL)}))
    said = modest_health(health)
    assert said.note.isprintable()
    assert (said.waiting, said.loaded) == (3, frozenset({ModelId("wan")}))
    error = modest_error(Incompatible(EVIL, remedy=EVIL * 1000))
    assert str(error).isprintable()
    assert len(str(error)) < 2100


def test_of_endless_models_some_are_listed() -> None:
    service = Service(
        id=ServiceId("a"), executor="x", device=DeviceId("d"),
        models=tuple(f"m{number}" for number in range(100_000)),
    )  # fmt: skip
    assert len(modest_service(service).models) == 20_000
