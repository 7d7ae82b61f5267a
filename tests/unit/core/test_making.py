"""Who makes a step and why, in words, before and after."""

from __future__ import annotations

from movie_director.core.making import Making, alike, making_of, reason_words, remembered
from movie_director.core.step import DeviceId, Fidelity, Option, Placed, Service, ServiceId

from tests.fakes import step

COMFY = Service(
    id=ServiceId("comfyui@host"), executor="comfyui", device=DeviceId("gpu"), name="ComfyUI",
    address="http://host:8188",
)  # fmt: skip
REASON = "fp8 instead of fp16; 2 GiB less; not wan2gp: it takes longer; not a, b: no service for it"


def placed(service: Service = COMFY, fidelity: Fidelity = Fidelity.FP8) -> Placed:
    option = Option(executor="comfyui", workflow="wan22_i2v", precision="fp8", fidelity=fidelity)
    return Placed(step=step("one:clip"), option=option, service=service, reason=REASON)


def test_what_is_planned_says_who_with_what_why_and_who_was_passed_over() -> None:
    making = making_of(placed())
    assert making == Making(
        kind="clip",
        service="ComfyUI",
        address="http://host:8188",
        workflow="wan22_i2v",
        precision="fp8",
        chosen="fp8 instead of fp16; 2 GiB less",
        passed_over=("not wan2gp: it takes longer", "not a, b: no service for it"),
        told=True,
    )
    assert making.by == "ComfyUI, wan22_i2v, fp8"


def test_what_is_built_in_and_enough_goes_without_saying() -> None:
    built_in = Service(id=ServiceId("animatic"), executor="animatic", device=DeviceId("cpu"))
    assert not making_of(placed(built_in, Fidelity.FULL)).told
    assert making_of(placed(built_in, Fidelity.STAND_IN)).told
    assert making_of(placed(built_in)).service == "animatic"


def test_a_sidecar_remembers_the_same() -> None:
    by = {"service": "comfyui@host", "workflow": "w", "precision": "fp8", "reason": REASON}
    making = remembered({"kind": "clip", "by": by, "seconds": 12.5})
    assert (making.by, making.took_s) == ("comfyui@host, w, fp8", 12.5)
    assert making.passed_over == ("not wan2gp: it takes longer", "not a, b: no service for it")


def test_a_sidecar_that_holds_something_else_says_nothing() -> None:
    nothing = Making(kind="", service="")
    odd = {"kind": 7, "by": {"service": [], "reason": None}, "seconds": float("inf")}
    for record in ({}, {"by": "me", "seconds": True}, odd, {"seconds": -1.0}):
        assert remembered(record) == nothing


def test_steps_that_are_made_alike_are_told_once() -> None:
    one, other = making_of(placed()), Making(kind="clip", service="b")
    assert alike([one, other, one]) == ((one, 2), (other, 1))


def test_who_is_passed_over_for_the_same_reason_is_named_together() -> None:
    words = reason_words("the best", [("a", "it sleeps"), ("b", "it is full"), ("c", "it sleeps")])
    assert words == "the best; not a, c: it sleeps; not b: it is full"
