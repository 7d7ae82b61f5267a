# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is not known of what became of a ticket is asked, in this run or a later one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.errors import ServiceLost
from movie_director.core.executor import (
    CancelFlag,
    Cancelled,
    Emit,
    Failed,
    Finished,
    Found,
    Gone,
    Lost,
    Produced,
    Running,
    Ticket,
    Unknown,
)
from movie_director.core.plan import plan
from movie_director.core.run import Run
from movie_director.core.step import Fidelity, Option, Placed, Service, ServiceId, StepId
from movie_director.core.store import Store
from movie_director.core.unsettled import KEPT

from tests.fakes import FakeExecutor, failure, finish, program, step

A = StepId("a:clip")
FILM = program([step("a:clip")])


@dataclass
class Server(FakeExecutor):
    """Takes work, and is away at times; what it took it goes on with, and remembers."""

    #: what happens at each question in turn: "answers", "away", "away after", "busy"; then answers
    happens: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ("fake",)  #: of the services of this kind
    took: dict[str, str] = field(default_factory=dict)  #: service by ticket
    asked: list[str] = field(default_factory=list)  #: tickets, as they were asked about
    gone: set[str] = field(default_factory=set)  #: services that are away for good

    def services(self) -> tuple[Service, ...]:
        (one,) = super().services()
        return tuple(
            Service(id=ServiceId(name), executor=one.executor, device=one.device,
                    capabilities=one.capabilities)
            for name in self.names
        )  # fmt: skip

    def run(self, work: Placed, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        self.begun.append(ticket.step)
        happens = self._next()
        if happens == "away" or work.service.id in self.gone:
            self._lose(ticket, emit)
            return
        self.took[ticket.id] = work.service.id
        self._end(happens, ticket, emit, cancel)

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        self.asked.append(ticket.id)
        if ticket.id not in self.took:
            return Unknown()
        happens = self._next()
        if happens == "away" or self.took[ticket.id] in self.gone:
            self._lose(ticket, emit)
        elif happens == "forgot":
            return Gone()
        else:
            self._end(happens, ticket, emit, cancel)
        return Running()

    def _next(self) -> str:
        return self.happens.pop(0) if self.happens else "answers"

    def _end(self, happens: str, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> None:
        if happens == "away after":
            self._lose(ticket, emit)
        elif happens == "busy":
            emit(Failed(step=ticket.step, error=failure(), transient=True))
        elif happens == "works":
            cancel.wait()
            emit(Cancelled(step=ticket.step))
        else:
            path = ticket.folder / "result.bin"
            path.write_bytes(ticket.id.encode())
            emit(Produced(step=ticket.step, path=path, bytes=0, content=""))
            emit(Finished(step=ticket.step))

    def _lose(self, ticket: Ticket, emit: Emit) -> None:
        error = ServiceLost("The fake went away.", remedy="Bring it back.")
        emit(Lost(step=ticket.step, service=ServiceId("fake"), error=error))


class Project:
    """A folder in which runs follow one another."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self.root = root
        self.runs: list[Run] = []

    def run(self, *servers: FakeExecutor, film: Any = FILM) -> Run:
        planned = plan(
            film,
            devices=[device for each in servers for device in each.devices()],
            services=[service for each in servers for service in each.services()],
            refuse=lambda step, option, service: None,
            find=self.store.find,
        )
        run = Run(planned, {each.name: each for each in servers}, self.store)
        self.runs.append(run)
        run.start()
        return run

    def evaluate(self, *servers: FakeExecutor, film: Any = FILM) -> Run:
        run = self.run(*servers, film=film)
        finish(run)
        return run

    def left(self) -> list[str]:
        with self.store.lock():
            return [ticket.id for ticket in self.store.journal.left()]

    def crash(self, *servers: Server, id: str, service: str = "fake", film: Any = FILM) -> str:
        """What a run leaves that is killed when its work was sent."""
        (work,) = plan(
            film, devices=servers[0].devices(), services=servers[0].services(),
            refuse=lambda step, option, service: None, find=self.store.find,
        ).to_do  # fmt: skip
        there = {each.id: each for each in servers[0].services()}
        placed = Placed(step=work.step, option=work.option, service=there[ServiceId(service)])
        with self.store.lock():
            folder = self.store.ticket_folder(id)
            self.store.journal.sent(
                Ticket(id=id, step=work.step.id, attempt=1, folder=folder), placed
            )
        return id

    @property
    def folders(self) -> list[str]:
        return sorted(each.name for each in (self.root / ".movie-director" / "tickets").glob("*"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr("movie_director.core.schedule.FIRST_PAUSE_S", 0.01)
    there = Project(tmp_path / "film")
    yield there
    closed = [run.close() for run in there.runs]
    assert all(closed)


def test_a_service_lost_while_it_is_asked_is_asked_again_and_nothing_sent_twice(
    project: Project,
) -> None:
    server = Server(happens=["away after", "away", "away after", "answers"])
    run = project.evaluate(server)
    assert run.result.ok
    assert server.begun == ["a:clip"]
    (sent,) = server.took
    assert run.result.artifacts[A].path.read_bytes() == sent.encode()
    assert (project.left(), project.folders) == ([], [])


def test_a_run_that_died_while_it_asked_is_asked_for_by_the_next(project: Project) -> None:
    server = Server()
    for id in ("first", "second", "third"):  # each died while it took the one before up
        project.crash(server, id=id)
    server.took["first"] = "fake"
    run = project.evaluate(server)
    assert (run.result.ok, server.begun) == (True, [])
    assert server.asked == ["third", "second", "first"]
    assert run.result.artifacts[A].path.read_bytes() == b"first"
    assert (project.left(), project.folders) == ([], [])


def test_what_a_service_had_that_came_back_too_late_is_fetched_by_the_next_run(
    project: Project,
) -> None:
    server = Server(happens=["away after", "away", "away", "away"])
    run = project.evaluate(server)
    assert [type(error) for error in run.result.errors.values()] == [ServiceLost]
    (sent,) = server.took
    assert sent in project.left()
    assert sent in project.folders
    again = project.evaluate(server)
    assert (again.result.ok, server.begun) == (True, ["a:clip"])
    assert (project.left(), project.folders) == ([], [])


def test_what_could_not_be_fetched_in_passing_is_asked_for_and_not_made_again(
    project: Project,
) -> None:
    server = Server(happens=["busy", "busy"])
    assert project.evaluate(server).result.ok
    assert server.begun == ["a:clip"]


def test_what_a_service_forgot_is_sent_again(project: Project) -> None:
    server = Server(happens=["away after", "forgot"])
    assert project.evaluate(server).result.ok
    assert server.begun == ["a:clip", "a:clip"]
    assert len(server.took) == 2


def test_work_survives_a_change_that_is_undone(project: Project) -> None:
    server = Server()
    left = project.crash(server, id="before")
    server.took[left] = "fake"
    changed = program([step("b:clip")])
    assert project.evaluate(server, film=changed).result.ok
    assert server.begun == ["b:clip"]
    assert project.folders == ["before"]
    assert project.evaluate(server).result.ok
    assert server.begun == ["b:clip"]
    assert (project.left(), project.folders) == ([], [])


def test_a_run_that_is_given_up_before_it_asked_forgets_nothing(project: Project) -> None:
    server = Server(happens=["works"])
    film = program([step("b:clip"), step("a:clip", order=1)])
    left = project.crash(server, id="before")
    server.took[left] = "fake"
    run = project.run(server, film=film)
    while not server.begun:
        run.drain()
    run.cancel()
    finish(run)
    assert (server.begun, server.asked, project.folders) == (["b:clip"], [], ["before"])
    assert project.evaluate(server).result.ok
    assert server.begun == ["b:clip"]


def test_a_stand_in_made_elsewhere_does_not_give_up_what_may_be_there(project: Project) -> None:
    ways = (
        Option(executor="fake"),
        Option(executor="animatic", fidelity=Fidelity.STAND_IN),
    )
    film = program([step("a:clip", options=ways)])
    server = Server(happens=["away after", *["away"] * 8])
    animatic = FakeExecutor("animatic", device="cpu", fidelity=Fidelity.STAND_IN)
    run = project.evaluate(server, animatic, film=film)
    assert animatic.done == ["a:clip"]
    assert not run.result.errors
    (sent,) = server.took
    assert sent in project.folders
    server.happens.clear()
    assert project.evaluate(animatic, film=film).result.artifacts  # nothing better today
    again = project.evaluate(server, animatic, film=film)
    assert again.result.artifacts[A].path.read_bytes() == sent.encode()
    assert server.begun == ["a:clip"]


def test_another_service_of_the_kind_is_asked_where_the_work_was_sent(project: Project) -> None:
    server = Server(names=("fake", "other"))
    left = project.crash(server, id="before", service="other")
    server.took[left] = "other"
    assert project.evaluate(server).result.ok
    assert server.begun == []


def test_a_service_that_stays_away_does_not_keep_another_from_the_work(project: Project) -> None:
    server = Server(names=("fake", "other"), gone={"other"})
    left = project.crash(server, id="before", service="other")
    server.took[left] = "other"
    assert project.evaluate(server).result.ok
    assert server.asked[:3].count("before") >= 1
    assert server.begun == ["a:clip"]
    assert project.left() == []


def test_what_was_left_long_ago_is_given_up(project: Project) -> None:
    server = Server()
    left = project.crash(server, id="before")
    server.took[left] = "fake"
    old = (datetime.now(UTC) - KEPT - timedelta(hours=1)).isoformat()
    with sqlite3.connect(project.root / ".movie-director" / "journal.sqlite") as journal:
        journal.execute("UPDATE ticket SET sent = ?", (old,))
    journal.close()
    assert project.evaluate(server).result.ok
    assert (server.asked, server.begun) == ([], ["a:clip"])
    assert (project.left(), project.folders) == ([], [])
