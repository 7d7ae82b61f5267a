# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever speaks to a service says how it comes here: on each system, on this machine alone."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.errors import InputError
from movie_director.core.installation import SYSTEMS, Installation, Machine, installations
from movie_director.executors import animatic

FOLDER = pathlib.Path(animatic.__file__).parent
DOCS = FOLDER.parent / "docs" / "services.md"
#: They come with us.
BUILT_IN = {"animatic", "delivery"}
SPEAKING = sorted(path.stem for path in FOLDER.glob("[a-z]*.py") if path.stem not in BUILT_IN)
KNOWN = installations()
CARDS = {
    "linux": ("nvidia", "amd", "none"),
    "windows": ("nvidia", "amd", "none"),
    "macos": ("apple",),
}
#: Kokoro's own script says so, and its note; the others are held to this machine.
EVERYWHERE = {"kokoro"}
#: Words before the address that a service listens on.
_HOSTS = ("--listen", "--host", "--mcp-host", "--server-name")


def machine(system: str, gpu: str) -> Machine:
    return Machine(system=system, gpu=gpu, find=lambda program: f"/bin/{program}")


def starts(known: Installation, tmp_path: pathlib.Path) -> list[tuple[str, ...]]:
    """Every way to start it, on every machine that it runs on."""
    return [
        command.run
        for system in known.systems
        for gpu in CARDS[system]
        if gpu in known.gpus
        for command in known.on(machine(system, gpu), tmp_path).start
    ]


@pytest.mark.parametrize("executor", SPEAKING)
def test_everyone_who_speaks_to_a_service_has_an_installation_of_it(executor: str) -> None:
    assert [known.id for known in KNOWN.values() if known.executor == executor] != []


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_an_installation_is_for_somebody_who_speaks_to_it(name: str) -> None:
    assert KNOWN[name].executor in (*SPEAKING, "")


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_has_steps_or_a_reason_with_the_makers_page(name, system, tmp_path) -> None:
    known = KNOWN[name]
    for gpu in CARDS[system]:
        if system in known.systems and gpu in known.gpus:
            mine = known.on(machine(system, gpu), tmp_path)
            assert mine.steps or mine.needs, "nobody says how it comes here"
            continue
        assert known.why_not, "it says nowhere why not"
        with pytest.raises(InputError) as caught:
            known.on(machine(system, gpu), tmp_path)
        assert known.why_not in caught.value.what
        assert known.website in caught.value.remedy


@pytest.mark.parametrize("name", sorted(set(KNOWN) - EVERYWHERE))
def test_nothing_is_started_for_other_machines(name, tmp_path) -> None:
    for words in starts(KNOWN[name], tmp_path):
        told = " ".join(words)
        assert "0.0.0.0" not in told
        assert "--share" not in words
        host = [words[at + 1] for at, word in enumerate(words) if word in _HOSTS]
        assert set(host) <= {"127.0.0.1"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("comfyui", ("--listen", "127.0.0.1", "--port", "8188")),
        ("wan2gp", ("--mcp", "--mcp-transport", "streamable-http", "--mcp-host", "127.0.0.1")),
        ("musicgen", ("--listen", "127.0.0.1", "--server_port", "7860")),
        ("litellm", ("--host", "127.0.0.1", "--port", "4000")),
        ("rvc_page", ("--noautoopen",)),
        ("rvc_python", ("api", "-p", "5050")),
    ],
)
def test_a_start_has_the_flags_that_we_need_in_their_order(name, wanted, tmp_path) -> None:
    ways = starts(KNOWN[name], tmp_path)
    assert ways != []
    for words in ways:
        at = words.index(wanted[0])
        assert words[at : at + len(wanted)] == wanted


@pytest.mark.parametrize("name", ["rvc_page", "audioldm2"])
def test_a_page_that_would_open_itself_to_others_is_held_to_this_machine(name, tmp_path) -> None:
    for words in starts(KNOWN[name], tmp_path):
        assert "server_name" in words[2]
        assert "='127.0.0.1'" in words[2]


def test_every_number_of_room_is_told_where_there_are_steps() -> None:
    silent = [
        (known.id, gpu)
        for known in KNOWN.values()
        for gpu in known.gpus
        if known.steps and not known.disk_gb[gpu]
    ]
    assert silent == []


def test_the_page_of_services_tells_of_every_installation_and_where_it_listens() -> None:
    rows = {
        line.split("|")[1].strip(" `"): line
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    assert set(KNOWN) <= set(rows)
    silent = [
        known.id
        for known in KNOWN.values()
        if known.id not in EVERYWHERE and known.address not in rows[known.id]
    ]
    assert silent == []
