"""What services can do, in a filmmaker's words: who does it, or why nobody does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from movie_director.core.abilities import ABILITIES, abilities_of
from movie_director.core.service_state import State, Watched
from movie_director.core.step import CLIP, MUSIC, SPEECH, DeviceId, Kind, Service, ServiceId


def place(address: str, name: str, state: State, *kinds: Kind) -> Watched:
    service = Service(
        id=ServiceId(address), executor=name.lower(), name=name, address=address,
        device=DeviceId("gpu"), capabilities=frozenset(kinds),
    )  # fmt: skip
    return Watched(address=address, state=state, service=service)


def found(*places: Watched) -> dict[str, tuple[tuple[str, ...], str]]:
    return {each.ability.id: (each.makers, each.why) for each in abilities_of(places)}


def test_every_ability_is_told_with_what_becomes_of_it_otherwise() -> None:
    assert {"image", "video", "lora_training", "text", "voice", "sfx", "music"} <= set(found())
    assert set(found().values()) == {((), "no service here does it")}
    assert all(each.title and each.without for each in ABILITIES)


def test_whoever_is_ready_does_it() -> None:
    comfy = place("http://a:1", "ComfyUI", State.READY, CLIP, MUSIC)
    wan = place("http://b:1", "Wan2GP", State.READY, CLIP, SPEECH)
    all_ = found(wan, comfy)
    assert all_["video"] == (("ComfyUI", "Wan2GP"), "")
    assert all_["music"] == (("ComfyUI",), "")
    assert all_["voice"] == (("Wan2GP",), "")
    assert all_["text"] == ((), "no service here does it")


@pytest.mark.parametrize("state", [each for each in State if not each.usable])
def test_whoever_would_is_named_with_the_reason(state: State) -> None:
    comfy = place("http://a:1", "ComfyUI", state, CLIP)
    assert found(comfy)["video"] == ((), f"ComfyUI {state.value}")
    assert abilities_of([comfy])[1].down == f"ComfyUI {state.value}"
    ready = place("http://b:1", "Wan2GP", State.READY, CLIP)
    assert found(comfy, ready)["video"] == (("Wan2GP",), "")


def test_whoever_has_no_model_for_it_says_so() -> None:
    comfy = place("http://a:1", "ComfyUI", State.READY, CLIP, MUSIC)
    assert comfy.service is not None
    bare = replace(comfy, service=replace(comfy.service, lacking=frozenset({CLIP})))
    assert found(bare)["video"] == ((), "ComfyUI has no model for it")
    assert found(bare)["music"] == (("ComfyUI",), "")


def test_a_place_where_nobody_was_ever_found_can_do_nothing() -> None:
    assert found(Watched(address="http://a:1", state=State.READY)) == found()
