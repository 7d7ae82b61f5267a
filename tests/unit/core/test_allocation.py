"""Who holds how much of each device while a film is made."""

from __future__ import annotations

from movie_director.core.allocation import Allocation, Holding, allocations
from movie_director.core.budget import Reading
from movie_director.core.executor import Finished
from movie_director.core.happenings import Freed
from movie_director.core.schedule import advance, begin
from movie_director.core.step import DeviceId, ModelId, ServiceId

from tests.unit.core.films import planned_film

GIB = 2**30


def test_what_is_held_follows_the_run_stage_by_stage() -> None:
    planned = planned_film(6)
    state, _ = begin(planned.stages, {})
    seen = Reading(
        card="GPU-0", name="RTX 0", total_bytes=32 * GIB, free_bytes=2 * GIB, told_by="driver"
    )
    for number, stage in enumerate(planned.stages):
        for placed in stage.steps:
            (device,) = allocations(planned, state, [placed], [seen])
            (holding,) = device.holdings
            assert (device.stage, device.stages, device.freeing) == (
                number + 1, len(planned.stages), False,
            )  # fmt: skip
            assert placed.option.models <= {model for model, _ in holding.models}
            assert (holding.work_bytes, holding.steps) == (
                placed.option.work_bytes, (placed.step.label,),
            )  # fmt: skip
            assert device.bytes <= stage.peak_bytes <= device.budget_bytes
            assert (device.seen_bytes, device.total_bytes) == (30 * GIB, 32 * GIB)
            state, _ = advance(state, Finished(step=placed.step.id), now=0.0)
        if number + 1 < len(planned.stages) and planned.stages[number + 1].frees:
            (device,) = allocations(planned, state, [])
            assert (device.freeing, device.seen_bytes) == (True, -1)
            state, _ = advance(state, Freed(device=stage.device), now=0.0)
    (device,) = allocations(planned, state, [])
    assert device.stage == 0


def test_it_is_said_in_one_line_the_largest_first() -> None:
    holding = Holding(
        service=ServiceId("comfy"),
        models=((ModelId("t5"), 5 * GIB), (ModelId("flux"), 12 * GIB)),
        idle_bytes=GIB, work_bytes=GIB // 2, steps=("Shot 1A",),
    )  # fmt: skip
    device = Allocation(
        device=DeviceId("gpu"), about="RTX", budget_bytes=24 * GIB, stage=1, stages=2, freeing=True,
        holdings=(holding,), seen_bytes=20 * GIB, total_bytes=24 * GIB,
    )  # fmt: skip
    assert device.words() == (
        "gpu: 18.5 GiB of 24.0 GiB (flux 12.0 GiB, t5 5.0 GiB, work 512 MiB, idle 1.0 GiB); "
        "giving back; in use 20.0 GiB"
    )
    assert (device.has_models, device.fraction) == (True, 18.5 / 24)
    nothing = Allocation(
        device=DeviceId("gpu"), about="", budget_bytes=0, stage=0, stages=0, freeing=False,
        holdings=(),
    )  # fmt: skip
    assert (nothing.words(), nothing.fraction, nothing.has_models) == ("gpu: 0 KiB of 0 KiB", 0.0, False)  # fmt: skip
