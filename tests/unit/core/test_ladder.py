"""The ladder of ways down: in the film's order, each smaller, each said in words."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core.footprints import load_footprints
from movie_director.core.ladder import Need, climb_down, fitting, smaller_sizes
from movie_director.core.step import Fidelity

GB = 10**9
F = load_footprints()
NAMES = ("wan2.2-i2v-14b-high", "umt5-xxl", "wan2.1-vae")
CARDS = [6, 8, 12, 16, 24, 32, 48, 80, 141]


def wan(**changes) -> Need:
    """Five seconds of Wan 2.2 14B at 480p in a service that swaps phases."""
    precisions = {p: F.at(NAMES, p) for p in F.precisions(NAMES[0])}
    need = Need(
        family="wan-14b", precisions=precisions, width=832, height=480, frames=81, passes=2,
        swaps=True, sizes=smaller_sizes(832, 480),
    )  # fmt: skip
    return replace(need, **changes)


def test_the_order_is_precision_then_tiles_then_size_then_tier() -> None:
    flux = Need(
        family="flux1", precisions={"fp16": F.at(["flux1-dev"], "fp16")}, width=1024, height=1024
    )
    baseline = Need(
        family="sd1.5", precisions={"fp16": F.at(["sd1.5"], "fp16")},
        width=512, height=512, tier="baseline", streams=False,
    )  # fmt: skip
    rungs = climb_down(replace(flux, sizes=((768, 768),), lower=baseline, tier="enhanced"), F)
    assert [(rung.fidelity, rung.note) for rung in rungs] == [
        (Fidelity.FULL, ""),
        (Fidelity.OFFLOADED, "decoded in tiles, 3.2 GiB less"),
        (
            Fidelity.OFFLOADED,
            "weights waiting in the machine's memory, 22.1 GiB less, 2.4 times as long",
        ),
        (
            Fidelity.SMALLER,
            "768×768 instead of 1024×1024, weights waiting in the machine's memory, "
            "22.5 GiB less, 1.9 times as long",
        ),
        (
            Fidelity.LOWER_TIER,
            "baseline instead of enhanced, 512×512 instead of 1024×1024, 23.4 GiB less",
        ),
    ]


def test_a_large_video_model_goes_down_through_the_precisions() -> None:
    rungs = climb_down(wan(), F)
    assert [(rung.precision, rung.fidelity) for rung in rungs[:4]] == [
        ("fp16", Fidelity.FULL),
        ("fp8", Fidelity.FP8),
        ("q5", Fidelity.Q5),  # Q8 takes more than fp8 and saves nothing
        ("q4", Fidelity.Q4),
    ]
    assert rungs[1].note.startswith("fp8 instead of fp16, 13.3 GiB less")


def test_the_best_rung_that_fits_is_chosen_on_every_card() -> None:
    rungs = climb_down(wan(), F)
    chosen = {gb: fitting(rungs, gb * GB) for gb in CARDS}
    assert {gb: rung and rung.fidelity.name for gb, rung in chosen.items()} == {
        6: None, 8: "SMALLER", 12: "OFFLOADED", 16: "OFFLOADED", 24: "FP8", 32: "FP8",
        48: "FULL", 80: "FULL", 141: "FULL",
    }  # fmt: skip
    assert all(rung.total_bytes <= gb * GB for gb, rung in chosen.items() if rung)


def test_two_that_denoise_one_after_the_other_take_turns_where_they_do_not_fit_together() -> None:
    names = ("wan2.2-i2v-14b-high", "wan2.2-i2v-14b-low", *NAMES[1:])
    two = wan(precisions={p: F.at(names, p) for p in ("fp16", "fp8")})
    rungs = [rung for rung in climb_down(two, F, each_precision=True) if rung.models]
    said = [(rung.precision, rung.fidelity, rung.turns, len(rung.models)) for rung in rungs]
    assert said == [
        ("fp16", Fidelity.FULL, False, 2), ("fp16", Fidelity.FULL, True, 1),
        ("fp8", Fidelity.FP8, False, 2), ("fp8", Fidelity.FP8, True, 1),
    ]  # fmt: skip
    (one,) = (rung for rung in climb_down(wan(), F) if rung.precision == "fp8" and rung.models)
    assert rungs[3].total_bytes == one.total_bytes, "one at a time takes what one alone takes"
    assert not any(rung.turns for rung in climb_down(replace(two, swaps=False), F))
    named = wan(precisions=two.precisions, last=frozenset({names[0] + "/fp8"}))
    kept = next(r for r in climb_down(named, F) if r.turns and r.precision == "fp8").models
    assert kept == {names[0] + "/fp8"}


def test_a_chosen_precision_is_what_was_asked() -> None:
    rungs = climb_down(wan(asked="fp8"), F)
    assert (rungs[0].precision, rungs[0].fidelity, rungs[0].note) == ("fp8", Fidelity.FULL, "")
    assert all(rung.precision != "fp16" for rung in rungs)


def test_a_service_that_has_one_precision_alone_keeps_its_ladder() -> None:
    rungs = climb_down(wan(), F, each_precision=True)
    whole = [(rung.precision, bool(rung.streamed)) for rung in rungs if not rung.smaller]
    # Q8 takes more than fp8 does, and is all that some server has.
    assert {(p, streamed) for p in ("fp16", "fp8", "q8") for streamed in (False, True)} <= {*whole}
    assert len(whole) == len(set(whole))
    pruned = climb_down(wan(), F)
    assert set(pruned) <= set(rungs)
    assert [rung for rung in rungs if rung.smaller] == [rung for rung in pruned if rung.smaller]


def test_streamed_weights_do_not_count_and_take_longer() -> None:
    rungs = climb_down(wan(), F)
    streamed = next(rung for rung in rungs if rung.streamed)
    assert streamed.models == frozenset()
    assert streamed.total_bytes == streamed.work_bytes
    assert streamed.relative_seconds > 1.0
    assert not any(rung.streamed for rung in climb_down(wan(streams=False), F))


def test_a_rung_is_an_option_with_its_note() -> None:
    rung = climb_down(wan(), F)[1]
    option = rung.option("comfyui", "wan_i2v")
    assert (option.executor, option.workflow, option.precision) == ("comfyui", "wan_i2v", "fp8")
    assert (option.models, option.work_bytes) == (rung.models, rung.work_bytes)
    assert (option.fidelity, option.note, option.seconds) == (
        rung.fidelity,
        rung.note,
        rung.seconds,
    )
    assert option.size == (0, 0)
    small = next(rung for rung in climb_down(wan(), F) if rung.smaller)
    assert small.option("comfyui", "wan_i2v").size == (small.width, small.height)


def test_what_is_not_offered_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="nvfp4 is not offered"):
        climb_down(wan(asked="nvfp4"), F)
    with pytest.raises(ValueError, match="no precision"):
        climb_down(wan(precisions={}), F)


def test_smaller_sizes_keep_the_grid_and_stop_in_time() -> None:
    assert smaller_sizes(1280, 704) == ((960, 528), (640, 352))
    assert smaller_sizes(1280, 704, multiple=32) == ((960, 512), (640, 352))
    assert smaller_sizes(512, 512) == ((384, 384), (256, 256))
    assert smaller_sizes(320, 256) == ()


needs = st.builds(
    wan,
    width=st.integers(16, 120).map(lambda n: 16 * n),
    height=st.integers(16, 120).map(lambda n: 16 * n),
    frames=st.integers(1, 161),
    tiled=st.booleans(),
    swaps=st.booleans(),
    streams=st.booleans(),
    asked=st.sampled_from(["", "fp16", "fp8", "q8", "q5", "q4"]),
)


@given(needs)
def test_every_rung_takes_less_than_the_one_above_and_is_no_better(need) -> None:
    rungs = climb_down(need, F)
    for above, below in itertools.pairwise(rungs):
        assert below.total_bytes < above.total_bytes
        assert below.fidelity <= above.fidelity
        assert below.saved_bytes == rungs[0].total_bytes - below.total_bytes
        assert below.note
    for rung in rungs:
        assert rung.total_bytes == rung.work_bytes + sum(map(F.bytes_of, rung.models))


@given(needs, st.integers(0, 150 * GB), st.integers(0, 50 * GB))
def test_more_memory_never_makes_a_worse_choice(need, budget, more) -> None:
    rungs = climb_down(need, F)
    one, two = fitting(rungs, budget), fitting(rungs, budget + more)
    assert one is None or (two is not None and two.fidelity >= one.fidelity)
