"""What every executor promises, shown by every executor there is."""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import movie_director.executors
import psutil
import pytest
from movie_director.core.address import parse_address
from movie_director.core.discovery import collect
from movie_director.core.errors import MovieDirectorError
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Executor,
    Failed,
    Finished,
    Health,
    Lost,
    Produced,
    Progressed,
    Setup,
    Ticket,
    Unknown,
    Want,
)
from movie_director.core.step import CLIP, Kind, Service, StepId
from movie_director.timeline import WRITERS

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import carried_out as film
from far import SERVERS

LAST = (Finished, Failed, Cancelled, Lost)
FOUND = collect(movie_director.executors, "EXECUTOR", type)
NAMES = sorted(FOUND)
#: Those whose services are always there.  The others keep the same promises against scripted
#: servers, in ``tests/unit/executors``.
HERE = [name for name in NAMES if FOUND[name](Setup(cores=1, memory_bytes=2**30)).services()]


def built() -> dict[str, Executor]:
    setup = Setup(cores=1, memory_bytes=4 * 2**30, writers=WRITERS)
    return {name: FOUND[name](setup) for name in NAMES}


@pytest.fixture(scope="module")
def executors() -> Iterator[dict[str, Executor]]:
    made = built()
    yield made
    for executor in made.values():
        executor.close()


@pytest.fixture(scope="module")
def services(executors) -> Iterator[dict[str, tuple[Service, ...]]]:
    """What each executor has to work with: its own, or a server that was found."""
    with contextlib.ExitStack() as running:
        there = {name: executor.services() for name, executor in executors.items()}
        for name, open_server in SERVERS.items():
            server = running.enter_context(open_server())
            found = executors[name].identify(server.url)
            assert found is not None, f"{name} does not know its own server"
            there[name] = (found,)
        yield there


@pytest.fixture(scope="module")
def done(executors, services, tmp_path_factory) -> dict[str, film.Done]:
    """The short film, made once here; each step once more by every service that can."""
    root = tmp_path_factory.mktemp("tickets")
    before = set(root.parent.rglob("*"))
    here = {name: executor for name, executor in executors.items() if name not in SERVERS}
    (root / "voice.pth").write_bytes(b"a model of a voice")
    carried = film.carry_out(film.program(here, root), here, root)
    made = {
        id: film.artifact(one.placed.step, film.results(one)[-1]) for id, one in carried.items()
    }
    everything = {str(id): one for id, one in carried.items()}
    for step in film.program(executors, root).steps.values():
        for name in SERVERS:
            work = film.at(services[name][0], executors[name], step)
            if work is not None:
                everything[f"{step.id} by {name}"] = film.do(work, executors, made, root)
    strays = [path for path in set(root.parent.rglob("*")) - before if root not in path.parents]
    assert strays == []
    return everything


def by(done: dict[str, film.Done], name: str) -> list[film.Done]:
    mine = [one for one in done.values() if one.placed.option.executor == name]
    assert mine, f"the film has no step for {name}"
    return mine


def want(kind: Kind, quality: str = "draft") -> Want:
    return Want(kind=kind, quality=quality, width=1280, height=720, fps=24.0, seconds=10.0)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_shape_of_an_executor_and_the_name_of_its_file(executors, name) -> None:
    assert isinstance(executors[name], Executor)
    assert executors[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_its_services_are_its_own_and_on_devices_that_are_there(executors, services, name) -> None:
    there = {device.id for executor in executors.values() for device in executor.devices()}
    assert services[name], f"tests/contract/far.py has no server for {name}"
    for service in services[name]:
        assert service.executor == name
        assert service.device in there or name in SERVERS  # those are told with the service
        assert service.slots >= 1


@pytest.mark.parametrize("name", NAMES)
def test_offers_are_pure_and_quick(executors, name, done) -> None:
    executor = executors[name]
    wants = [
        want(one.placed.step.kind, quality)
        for one in done.values()
        for quality in ("draft", "standard", "final")
    ]
    first = [executor.offer(each) for each in wants]
    began = time.perf_counter()
    again = [executor.offer(each) for each in wants]
    assert (time.perf_counter() - began) / len(wants) < 0.005
    assert first == again
    assert executor.offer(want(Kind("no such kind"))) == ()


@pytest.mark.parametrize("name", NAMES)
def test_what_it_offers_its_services_can_do(executors, services, name, done) -> None:
    executor = executors[name]
    able = {kind for service in services[name] for kind in service.capabilities}
    for one in done.values():
        for option in executor.offer(want(one.placed.step.kind)):
            assert option.executor == name
            assert one.placed.step.kind in able
            assert option.seconds >= 0
            assert option.work_bytes >= 0
            for service in services[name]:
                refused = executor.refuse(one.placed.step, option, service)
                assert refused is None or (name in SERVERS and refused)


@pytest.mark.parametrize("name", HERE)
def test_every_step_ends_with_one_last_event_and_it_is_good(done, name) -> None:
    for one in by(done, name):
        assert isinstance(one.events[0], Accepted)
        ends = [event for event in one.events if isinstance(event, LAST)]
        assert ends == [one.events[-1]]
        assert isinstance(ends[0], Finished)
        assert all(event.step == one.placed.step.id for event in one.events)


@pytest.mark.parametrize("name", HERE)
def test_progress_only_grows_from_nothing_to_all(done, name) -> None:
    for one in by(done, name):
        told = [event.fraction for event in one.events if isinstance(event, Progressed)]
        assert told == sorted(told)
        assert all(0.0 <= fraction <= 1.0 for fraction in told)


@pytest.mark.parametrize("name", HERE)
def test_results_lie_in_the_tickets_folder_and_their_facts_are_json(done, name) -> None:
    for one in by(done, name):
        (result,) = (event for event in one.events if isinstance(event, Produced))
        assert result.path.parent == one.ticket.folder
        assert result.path.stat().st_size == result.bytes > 0
        assert result.path.suffix == one.placed.step.place.suffix
        assert json.loads(json.dumps(result.facts)) == dict(result.facts)
        assert json.loads(json.dumps(result.recipe)) == dict(result.recipe)


@pytest.mark.parametrize("name", HERE)
def test_the_same_step_gives_the_same_bytes(executors, done, name) -> None:
    for one in by(done, name):
        folder = one.ticket.folder  # beside the first: edit lists name files relative to them
        paper = replace(one.ticket, folder=folder.with_name(f"{folder.name} again"))
        paper.folder.mkdir()
        (first,) = (event for event in one.events if isinstance(event, Produced))
        (second,) = (event for event in run(executors, one, paper) if isinstance(event, Produced))
        assert second.path.read_bytes() == first.path.read_bytes(), one.placed.step.id


def run(
    executors: dict[str, Executor], one: film.Done, paper: Ticket, cancel: CancelFlag | None = None
) -> list[Event]:
    said: list[Event] = []
    executor = executors[one.placed.option.executor]
    executor.run(one.placed, paper, said.append, cancel or CancelFlag())
    return said


@pytest.mark.parametrize("name", HERE)
def test_cancelled_before_it_began_it_says_so(executors, done, name, tmp_path) -> None:
    cancel = CancelFlag()
    cancel.set()
    one = by(done, name)[0]
    paper = replace(one.ticket, folder=tmp_path)
    assert isinstance(run(executors, one, paper, cancel)[-1], Cancelled)


@pytest.mark.parametrize("name", HERE)
def test_cancelled_in_the_middle_it_ends_within_a_second(executors, done, name, tmp_path) -> None:
    (tmp_path / "voice.pth").write_bytes(b"a model of a voice")
    long = film.program(executors, tmp_path, one={"duration": 600.0})
    clip = next(one for one in long.steps.values() if one.kind == CLIP)
    first = by(done, name)[0]
    mine = next((option for option in clip.options if option.executor == name), None)
    if mine is not None:
        placed = replace(first.placed, step=clip, option=mine)
        first = film.Done(placed, first.ticket)
    one = first
    paper = replace(first.ticket, step=one.placed.step.id, folder=tmp_path)
    cancel = CancelFlag()
    asked: list[float] = []
    said: list[Event] = []

    def listen(event: Event) -> None:
        said.append(event)
        if isinstance(event, Progressed) and not asked:
            asked.append(time.monotonic())
            cancel.set()

    executors[name].run(one.placed, paper, listen, cancel)
    assert time.monotonic() - asked[0] < 1.0
    assert isinstance(said[-1], Cancelled)
    assert sum(isinstance(event, LAST) for event in said) == 1


@pytest.mark.parametrize("name", HERE)
def test_inputs_that_cannot_be_read_fail_with_a_remedy(executors, done, name, tmp_path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\0 neither film nor sound nor JSON")
    tried = 0
    for one in by(done, name):
        if not one.ticket.inputs:
            continue
        inputs = {key: replace(made, path=broken) for key, made in one.ticket.inputs.items()}
        folder = tmp_path / one.ticket.id
        folder.mkdir()
        last = run(executors, one, replace(one.ticket, inputs=inputs, folder=folder))[-1]
        if isinstance(last, Failed):
            tried += 1
            assert isinstance(last.error, MovieDirectorError)
            assert last.error.what
            assert last.error.remedy
            assert last.error.where
            assert "bug" not in last.error.remedy, f"{one.placed.step.id}: {last.error}"
    if not any(one.ticket.inputs for one in by(done, name)):
        pytest.skip("none of its steps takes a file")
    assert tried, "no step looked at its inputs"


@pytest.mark.parametrize("name", NAMES)
def test_a_ticket_it_never_had_is_unknown(executors, name, tmp_path) -> None:
    paper = Ticket(id="0", step=StepId("x:clip"), attempt=1, folder=tmp_path)
    said: list[Event] = []
    assert executors[name].reattach(paper, said.append, CancelFlag()) == Unknown()
    assert said == []


@pytest.mark.parametrize("name", NAMES)
def test_an_address_that_is_not_its_own_is_not_taken(executors, name) -> None:
    assert executors[name].identify("http://127.0.0.1:9/") is None


@pytest.mark.parametrize("name", NAMES)
def test_where_it_looks_is_on_this_machine(executors, name) -> None:
    assert all(parse_address(text).loopback for text in executors[name].addresses())


@pytest.mark.parametrize("name", NAMES)
def test_services_that_are_there_are_well(executors, services, name) -> None:
    for service in services[name]:
        assert isinstance(executors[name].health(service), Health)


@pytest.mark.parametrize("name", HERE)
def test_closed_twice_it_leaves_no_process_and_no_thread(done, name, tmp_path) -> None:
    before = {thread.ident for thread in threading.enumerate()}
    children = set(psutil.Process().children(recursive=True))
    fresh = built()
    one = by(done, name)[0]
    run(fresh, one, replace(one.ticket, folder=tmp_path))
    for executor in fresh.values():
        executor.close()
        executor.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        threads = [t.name for t in threading.enumerate() if t.ident not in before]
        processes = set(psutil.Process().children(recursive=True)) - children
        if not threads and not processes:
            break
        time.sleep(0.02)
    assert (threads, processes) == ([], set())
