"""Films of any length for models in memory, to plan, draw and time."""

from __future__ import annotations

from movie_director.core.plan import Absent, Plan, plan
from movie_director.core.step import CLIP, Device, DeviceId, ModelId, Option, Service, ServiceId

from tests.fakes import ALL_KINDS, made, program, step

__all__ = ["planned_film"]

GIB = 2**30
SIZES = {
    ModelId("flux1-dev/fp8"): 12 * GIB, ModelId("t5-xxl/fp8"): 5 * GIB, ModelId("clip-l"): GIB // 4,
    ModelId("wan2.2-i2v-14b/fp8"): 14 * GIB, ModelId("umt5-xxl/fp8"): 6 * GIB,
    ModelId("ltx-video/fp8"): 13 * GIB, ModelId("ace-step/fp16"): 7 * GIB,
}  # fmt: skip
USES = (
    ("flux1-dev/fp8", "t5-xxl/fp8", "clip-l"), ("wan2.2-i2v-14b/fp8", "umt5-xxl/fp8"),
    ("ltx-video/fp8", "t5-xxl/fp8"), ("ace-step/fp16",),
)  # fmt: skip


def planned_film(steps: int, gpus: int = 1) -> Plan:
    """A plan of so many steps, stills and clips made of them in turn, on so many unequal cards."""
    devices = tuple(
        Device(
            id=DeviceId(f"gpu{n}"), gpu=f"RTX {n}", budget_bytes=(24 + 8 * n) * GIB,
            load_bytes_per_s=2 * GIB,
        )
        for n in range(gpus)
    )  # fmt: skip
    services = tuple(
        Service(
            id=ServiceId(f"comfy{n}"), executor="comfy", device=device.id, unload="selective",
            idle_bytes=GIB // 2, capabilities=ALL_KINDS,
        )
        for n, device in enumerate(devices)
    )  # fmt: skip
    film = []
    for n in range(steps):
        use = frozenset(map(ModelId, USES[(n // 7 * 3 + n) % len(USES)]))
        option = Option(
            executor="comfy", models=use, work_bytes=(1 + n % 3) * GIB, seconds=20 + 7 * (n % 5)
        )
        given = {"after": made(f"s{n - 5}:clip")} if n % 3 == 2 and n >= 5 else {}
        film.append(step(f"s{n}:clip", kind=CLIP, options=(option,), **given))
    return plan(
        program(film), devices=devices, services=services, refuse=lambda *_: None, sizes=SIZES,
        find=lambda _: Absent(reason="new", text="new"),
    )  # fmt: skip
