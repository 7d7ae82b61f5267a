"""What NVIDIA's driver says, and that its absence is no error."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from movie_director.core.budget import Reading
from movie_director.executors._nvml import Nvml

GIB = 2**30


class Trouble(Exception):
    """Stands for pynvml.NVMLError."""


class Driver:
    """A driver's library with scripted cards; a card that is None fell off the bus."""

    NVMLError = Trouble

    def __init__(self, *cards: dict | None, begins: bool = True, tells: bool = True) -> None:
        self.cards, self.begins, self.tells = cards, begins, tells
        self.calls: list[str] = []

    def nvmlInit(self) -> None:  # noqa: N802 - the library's name
        self.calls.append("init")
        if not self.begins:
            raise Trouble("Driver Not Loaded")

    def nvmlShutdown(self) -> None:  # noqa: N802 - the library's name
        self.calls.append("shutdown")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802 - the library's name
        if self.cards == (None,):
            raise Trouble("Unknown Error")
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> dict:  # noqa: N802 - the library's name
        card = self.cards[index]
        if card is None:
            raise Trouble("GPU is lost")
        return card

    def nvmlDeviceGetMemoryInfo(self, card: dict) -> SimpleNamespace:  # noqa: N802 - as above
        return SimpleNamespace(total=card["total"], free=card["free"])

    def nvmlDeviceGetName(self, card: dict) -> bytes:  # noqa: N802 - the library's name
        return card["name"]

    def nvmlDeviceGetUUID(self, card: dict) -> str:  # noqa: N802 - the library's name
        return card["uuid"]

    def nvmlDeviceGetComputeRunningProcesses(self, card: dict) -> list:  # noqa: N802 - as above
        if not self.tells:
            raise Trouble("Not Supported")
        return [
            SimpleNamespace(pid=7, usedGpuMemory=GIB),
            SimpleNamespace(pid=8, usedGpuMemory=None),
        ]


CARD = {"total": 24 * GIB, "free": 20 * GIB, "name": b"NVIDIA RTX 4090", "uuid": "GPU-1"}
READING = Reading(
    card="GPU-1", name="NVIDIA RTX 4090", total_bytes=24 * GIB, free_bytes=20 * GIB,
    told_by="driver", processes={7: GIB},
)  # fmt: skip


def test_each_card_is_read_and_one_that_is_lost_is_left_out() -> None:
    assert Nvml(Driver(CARD, None)).read() == (READING,)


def test_a_driver_that_does_not_tell_of_processes_still_tells_the_rest() -> None:
    (reading,) = Nvml(Driver(CARD, tells=False)).read()
    assert (reading.free_bytes, reading.processes) == (20 * GIB, {})


def test_the_library_is_begun_once_and_ended_once() -> None:
    driver = Driver(CARD)
    nvml = Nvml(driver)
    assert driver.calls == []
    nvml.read()
    nvml.read()
    nvml.close()
    nvml.close()
    assert driver.calls == ["init", "shutdown"]
    assert nvml.read() == ()


@pytest.mark.parametrize(
    ("driver", "why"),
    [(Driver(begins=False), "Driver Not Loaded"), (Driver(None), "Unknown Error")],
)
def test_a_driver_that_does_not_answer_means_unknown(driver: Driver, why: str) -> None:
    nvml = Nvml(driver)
    assert (nvml.read(), nvml.read(), nvml.why) == ((), (), why)
    assert driver.calls == ["init"]
    nvml.close()


def test_a_machine_without_the_library_means_unknown(monkeypatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr("importlib.import_module", missing)
    nvml = Nvml()
    assert (nvml.read(), nvml.why) == ((), "No module named 'pynvml'")


def test_this_machine_answers_or_has_no_cards() -> None:
    nvml = Nvml()
    assert all(reading.free_bytes <= reading.total_bytes for reading in nvml.read())
    nvml.close()
