"""A GPU's budget: which card it is, and what the driver, its service and the user say of it."""

from __future__ import annotations

import pytest
from movie_director.core.budget import Limits, Reading
from movie_director.core.cards import budgeted, reading_of
from movie_director.core.step import Device, DeviceId, Service, ServiceId

GIB = 2**30
FREE = Limits(margin_share=0, margin_least_bytes=0)


def reading(card: str, name: str = "RTX 4090", total: int = 24, free: int = 20) -> Reading:
    return Reading(
        card=card, name=name, total_bytes=total * GIB, free_bytes=free * GIB, told_by="driver"
    )


def gpu(says: str, *, total: int = 24, free: int = -1, host: str = "localhost") -> Device:
    free_bytes = free * GIB if free >= 0 else -1
    return Device(
        id=DeviceId("gpu"), gpu=says, budget_bytes=total * GIB, free_bytes=free_bytes, host=host
    )


@pytest.mark.parametrize(
    ("says", "cards", "found"),
    [
        ("GPU-b", [reading("GPU-a"), reading("GPU-b")], "GPU-b"),
        ("cuda:0 NVIDIA RTX 4090 : native", [reading("GPU-a")], "GPU-a"),
        ("cuda:1 RTX 4090", [reading("GPU-a"), reading("GPU-b")], "GPU-b"),
        ("cuda:7 RTX 4090", [reading("GPU-a"), reading("GPU-b")], "gpu"),
        ("RTX 4090", [reading("GPU-a"), reading("GPU-b")], "gpu"),
        ("RTX 4090 D", [reading("GPU-a"), reading("GPU-d", "RTX 4090 D")], "GPU-d"),
        ("Radeon", [reading("GPU-a")], "gpu"),
    ],
)
def test_a_card_is_known_by_its_id_or_its_name(says: str, cards: list[Reading], found: str) -> None:
    known = reading_of(gpu(says), cards, Limits())
    assert known is not None
    assert known.card == found


def test_the_cards_here_say_nothing_of_another_machines() -> None:
    known = reading_of(gpu("RTX 4090", host="studio.local"), [reading("GPU-a")], Limits())
    assert known is not None
    assert known.told_by == "service"


def test_the_driver_goes_before_the_service_and_that_before_the_user() -> None:
    (device,), budgets = budgeted([gpu("RTX 4090", free=1)], [reading("GPU-a")], FREE)
    assert (device.budget_bytes, budgets[device.id].told_by) == (20 * GIB, "driver")
    (device,), budgets = budgeted([gpu("RTX 4090", free=10)], [], FREE)
    assert (device.budget_bytes, budgets[device.id].told_by) == (10 * GIB, "service")
    said = Limits(margin_share=0, margin_least_bytes=0, limit_bytes=12 * GIB)
    (device,), budgets = budgeted([gpu("GPU", total=0)], [], said)
    assert (device.budget_bytes, budgets[device.id].told_by) == (12 * GIB, "user")


def test_what_our_services_hold_may_be_used_again() -> None:
    ours = Service(id=ServiceId("s"), executor="s", device=DeviceId("gpu"), idle_bytes=GIB)
    (device,), budgets = budgeted(
        [gpu("RTX 4090")], [reading("GPU-a")], FREE, services=[ours],
        ours={DeviceId("gpu"): 2 * GIB},
    )  # fmt: skip
    assert (device.budget_bytes, budgets[device.id].others_bytes) == (23 * GIB, GIB)


def test_the_limit_and_the_margin_are_kept() -> None:
    (device,), _ = budgeted([gpu("RTX 4090", free=24)], [], Limits(margin_share=0.25))
    assert device.budget_bytes == 18 * GIB
    (device,), _ = budgeted([gpu("RTX 4090", free=24)], [], Limits(limit_bytes=8 * GIB))
    assert device.budget_bytes == 8 * GIB


def test_what_is_no_gpu_stays_as_it_is() -> None:
    cpu = Device(id=DeviceId("cpu"), budget_bytes=GIB)
    assert budgeted([cpu], [reading("GPU-a")], Limits(limit_bytes=1)) == ((cpu,), {})
