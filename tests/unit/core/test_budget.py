"""The budget of a card: what is left, whose number counts, when memory runs short."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.budget import (
    CRITICAL_BYTES,
    LOW_BYTES,
    Level,
    Limits,
    Reading,
    Sampler,
    best_reading,
    budget_of,
    held_by,
    next_level,
    simulated_card,
    with_budget,
)
from movie_director.core.footprints import load_footprints
from movie_director.core.ladder import Need, climb_down, fitting, smaller_sizes
from movie_director.core.step import Device, DeviceId

MIB, GIB = 2**20, 2**30
CARDS = [6, 8, 12, 16, 24, 32, 48, 80, 141]


def card(free: int, total: int = 24 * GIB, told_by="driver") -> Reading:
    return Reading(card="GPU-1", name="RTX", total_bytes=total, free_bytes=free, told_by=told_by)


def test_the_sum_is_said_in_words() -> None:
    held = simulated_card(24, held_bytes=round(1.2 * GIB))
    assert budget_of(held, Limits()).explain() == (
        "24 GiB card, 1.2 GiB held by other programs, 5 % kept free: 21.6 GiB to plan with"
    )
    assert budget_of(simulated_card(8), Limits(limit_bytes=6 * GIB)).explain() == (
        "8 GiB card, 512 MiB kept free, your limit 6 GiB: 6 GiB to plan with"
    )
    free = Limits(margin_share=0, margin_least_bytes=0, card_bytes=12 * GIB)
    said = best_reading([], free)
    assert said is not None
    assert budget_of(said, free).explain() == "12 GiB card, as you said: 12 GiB to plan with"


def test_what_our_own_services_hold_may_be_used_again() -> None:
    reading = card(10 * GIB)
    assert budget_of(reading, Limits()).others_bytes == 14 * GIB
    assert budget_of(reading, Limits(), ours_bytes=12 * GIB).others_bytes == 2 * GIB
    assert budget_of(reading, Limits(), ours_bytes=99 * GIB).others_bytes == 0


def test_bytes_held_are_told_by_process() -> None:
    reading = replace(card(10 * GIB), processes={7: 3 * GIB, 8: 2 * GIB, 9: GIB})
    assert held_by(reading, {7, 9, 1000}) == 4 * GIB


def test_the_driver_goes_before_a_service_and_a_service_before_the_user() -> None:
    driver, service = card(1), card(2, told_by="service")
    limits = Limits(card_bytes=GIB)
    assert best_reading([service, driver], limits) == driver
    assert best_reading([service], limits) == service
    said = best_reading([], limits)
    assert said is not None
    assert (said.total_bytes, said.told_by) == (GIB, "user")
    assert best_reading([], Limits()) is None


@pytest.mark.parametrize("gigabytes", CARDS)
def test_every_card_keeps_a_margin(gigabytes: int) -> None:
    budget = budget_of(simulated_card(gigabytes), Limits())
    assert budget.bytes == gigabytes * GIB - max(round(gigabytes * GIB * 0.05), 512 * MIB)
    device = with_budget(Device(id=DeviceId("gpu"), budget_bytes=0), budget)
    assert device.budget_bytes == budget.bytes


@pytest.mark.parametrize("gigabytes", CARDS)
def test_what_is_chosen_fits_the_budget_of_every_card(gigabytes: int) -> None:
    known = load_footprints()
    names = ("wan2.2-t2v-14b-high", "umt5-xxl", "wan2.1-vae")
    need = Need(
        family="wan-14b",
        precisions={p: known.at(names, p) for p in known.precisions(names[0])},
        width=1280, height=720, frames=81, swaps=True, sizes=smaller_sizes(1280, 720),
    )  # fmt: skip
    budget = budget_of(simulated_card(gigabytes), Limits()).bytes
    chosen = fitting(climb_down(need, known), budget)
    assert (chosen is None) == (gigabytes < 8)
    assert chosen is None or chosen.total_bytes <= budget


@pytest.mark.parametrize(
    "wrong", [{"margin_share": 1.0}, {"margin_share": -0.1}, {"limit_bytes": -1}]
)
def test_limits_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"margin|memory"):
        Limits(**wrong)


sizes = st.integers(0, 200 * GIB)
limits = st.builds(
    Limits,
    margin_share=st.floats(0, 0.99),
    margin_least_bytes=st.integers(0, 4 * GIB),
    limit_bytes=sizes,
)


@given(total=sizes, free=st.integers(-GIB, 250 * GIB), ours=sizes, limits=limits)
def test_a_budget_is_never_negative_and_never_beyond_card_or_limit(total, free, ours, limits):
    budget = budget_of(card(free, total), limits, ours_bytes=ours)
    assert 0 <= budget.bytes <= total
    assert not limits.limit_bytes or budget.bytes <= limits.limit_bytes
    assert budget.bytes <= max(0, total - budget.margin_bytes)


@given(total=sizes, free=sizes, less=sizes, limits=limits)
def test_less_free_never_gives_more(total, free, less, limits) -> None:
    more = budget_of(card(free, total), limits).bytes
    assert budget_of(card(free - less, total), limits).bytes <= more


# --- running short ------------------------------------------------------------------


def test_levels_are_entered_at_the_edge_and_left_an_eighth_above() -> None:
    assert next_level(Level.FINE, LOW_BYTES) == Level.FINE
    assert next_level(Level.FINE, LOW_BYTES - 1) == Level.LOW
    assert next_level(Level.LOW, LOW_BYTES + 100 * MIB) == Level.LOW
    assert next_level(Level.LOW, LOW_BYTES + 256 * MIB) == Level.FINE
    assert next_level(Level.FINE, CRITICAL_BYTES - 1) == Level.CRITICAL
    assert next_level(Level.CRITICAL, CRITICAL_BYTES + 100 * MIB) == Level.CRITICAL
    assert next_level(Level.CRITICAL, CRITICAL_BYTES + 128 * MIB) == Level.LOW


@given(st.lists(st.integers(0, 4 * GIB), min_size=1))
def test_a_level_never_promises_more_than_there_is(frees) -> None:
    level = Level.FINE
    for free in frees:
        level = next_level(level, free)
        assert level < Level.FINE or free >= LOW_BYTES
        assert level == Level.CRITICAL or free >= CRITICAL_BYTES


def test_the_cards_are_read_every_five_seconds_and_each_change_is_told_once() -> None:
    frees = [9 * GIB, GIB + 512 * MIB, GIB + 512 * MIB, 900 * MIB, 9 * GIB]
    reads: list[int] = []

    def read() -> list[Reading]:
        reads.append(1)
        return [card(frees[len(reads) - 1])]

    sampler = Sampler(read)
    told = [sampler.tick(seconds) for seconds in (0, 1, 4.9, 5, 10, 15, 19, 20)]
    assert len(reads) == 5
    assert [[(alert.level, alert.words) for alert in alerts] for alerts in told] == [
        [], [], [],
        [(Level.LOW, "RTX has only 1.5 GiB free. Close programs that use it, or lower the limit.")],
        [],
        [(Level.CRITICAL, "RTX has almost no memory left, 900 MiB. Close programs that use it.")],
        [],
        [(Level.FINE, "RTX has 9.0 GiB free again.")],
    ]  # fmt: skip
    assert sampler.latest == (card(9 * GIB),)


def test_a_size_the_user_gave_is_never_alarming() -> None:
    sampler = Sampler(lambda: [card(0, told_by="user")])
    assert sampler.tick(0) == ()
