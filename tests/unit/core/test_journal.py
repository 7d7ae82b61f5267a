"""The journal and its database: what survives, and where it lies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from movie_director.core import database
from movie_director.core.database import database_home, open_database, user_data_folder
from movie_director.core.errors import StepFailed
from movie_director.core.executor import Ticket
from movie_director.core.journal import (
    ErrorRecord,
    Journal,
    LeftTicket,
    has_open_tickets,
    last_failures,
)
from movie_director.core.step import DeviceId, Option, Placed, Service, ServiceId, StepId

from tests.fakes import program, step

SERVICE = Service(id=ServiceId("s"), executor="fake", device=DeviceId("d"))
STEP = program([step("a:clip")]).steps[StepId("a:clip")]
PLACED = Placed(step=STEP, option=Option(executor="fake"), service=SERVICE)


def ticket(id: str, attempt: int = 1) -> Ticket:
    return Ticket(id=id, step=STEP.id, attempt=attempt, folder=Path("nowhere"))


def test_a_ticket_is_open_from_sent_to_ended(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    assert not has_open_tickets(path)
    journal = Journal(path)
    journal.sent(ticket("t1"), PLACED)
    journal.sent(ticket("t2", 2), PLACED)
    assert has_open_tickets(path)
    when = [each.sent for each in journal.left()]
    assert journal.left() == (
        LeftTicket(id="t1", step=STEP.id, intent=STEP.intent, executor="fake",
                   service=SERVICE.id, attempt=1, sent=when[0]),
        LeftTicket(id="t2", step=STEP.id, intent=STEP.intent, executor="fake",
                   service=SERVICE.id, attempt=2, sent=when[1]),
    )  # fmt: skip
    journal.ended("t1", "finished", seconds=2.0)
    journal.abandon(["t2"])
    assert journal.left() == ()
    assert not has_open_tickets(path)
    journal.close()
    journal.close()


def test_a_lost_ticket_is_left_and_no_sign_of_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    for id in ("t1", "t2", "t3"):
        journal.sent(ticket(id), PLACED)
    journal.ended("t1", "lost")
    journal.ended("t2", "finished")
    journal.lost(["t2", "t3"])
    assert [left.id for left in journal.left()] == ["t1", "t3"]
    assert not has_open_tickets(path)
    journal.abandon(["t1", "t3"])
    assert journal.left() == ()
    journal.close()


def test_errors_are_kept_newest_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    for number in (1, 2):
        journal.sent(ticket(f"t{number}"), PLACED)
        error = StepFailed(f"Failure {number}.", remedy="Try.", where="a")
        error.log = "trace"
        journal.ended(f"t{number}", "failed", error=error, inputs={StepId("b"): "b.wav"})
    first, second = journal.errors()
    assert (first.ticket, second.ticket) == ("t2", "t1")
    assert journal.errors(1) == (first,)
    assert second == ErrorRecord(
        ticket="t1", step=STEP.id, node="a", kind="clip", label="a:clip", intent=STEP.intent,
        service=SERVICE.id, attempt=1, when=second.when, log="trace", inputs={StepId("b"): "b.wav"},
        error={"error": "StepFailed", "what": "Failure 1.", "remedy": "Try.", "where": "a"},
    )  # fmt: skip
    journal.close()


def test_a_step_has_failed_until_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    assert last_failures(path) == ()
    journal = Journal(path)
    error = StepFailed("It broke.", remedy="Mend it.")
    for id, end in (("t1", "failed"), ("t2", "failed"), ("t3", "cancelled")):
        journal.sent(ticket(id), PLACED)
        journal.ended(id, end, error=error if end == "failed" else None)  # type: ignore[arg-type]
    assert last_failures(path) == journal.errors(1)
    assert [failure.ticket for failure in last_failures(path)] == ["t2"]
    journal.sent(ticket("t4"), PLACED)
    journal.ended("t4", "finished")
    assert last_failures(path) == ()
    journal.close()


def test_of_a_journal_that_cannot_be_read_no_failure_is_told(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path)
    journal.sent(ticket("t1"), PLACED)
    journal.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE ticket SET error = 'no JSON'")
    assert last_failures(path) == ()
    path.write_bytes(b"no database at all" * 100)
    assert last_failures(path) == ()


def test_very_old_tickets_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movie_director.core.journal._KEPT", 2)
    journal = Journal(tmp_path / "j.sqlite")
    for number in range(5):
        journal.sent(ticket(f"t{number}"), PLACED)
        if number:
            error = StepFailed(f"{number}", remedy="Try.")
            journal.ended(f"t{number}", "failed", error=error)
    journal.abandon([])
    assert [error.ticket for error in journal.errors()] == ["t4", "t3"]
    assert [left.id for left in journal.left()] == ["t0"]
    journal.close()


def test_a_journal_that_cannot_be_read_may_hold_open_tickets(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"no database at all" * 100)
    assert has_open_tickets(path)


def test_a_database_is_opened_with_a_write_ahead_log(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "new" / "x.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.sqlite"]


def test_what_is_no_database_is_refused_and_closed(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"text" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        open_database(tmp_path / "x.sqlite")


MOUNTS = """/dev/sda / ext4 rw 0 0
server:/films /mnt/my\\040share nfs4 rw 0 0
/dev/sdb /mnt/my\\040share/local xfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/user/film", "ext4"),
        ("/mnt/my share/film", "nfs4"),
        ("/mnt/my share/local/film", "xfs"),
        ("/mnt/my shares", "ext4"),
    ],
)
def test_the_deepest_mount_says_which_file_system_it_is(folder: str, kind: str) -> None:
    assert database._file_system(Path(folder), MOUNTS.replace("broken\n", "")) == kind


def test_on_a_share_the_database_lies_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database_home(tmp_path / "film") == tmp_path / "film"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(database, "_remote", lambda folder: True)
    one, other = database_home(tmp_path / "film"), database_home(tmp_path / "other")
    assert one.parent == other.parent == user_data_folder() / "movie-director"
    assert one != other
    if user_data_folder().is_relative_to(tmp_path):
        assert user_data_folder() == tmp_path / "data"


def test_a_database_without_a_write_ahead_log_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Plain(sqlite3.Connection):
        def execute(self, sql: str, *given: object) -> sqlite3.Cursor:
            return super().execute(sql.replace("=WAL", "=DELETE"), *given)  # type: ignore[arg-type]

    real = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **given: real(path, factory=Plain, **given)
    )
    open_database(tmp_path / "x.sqlite").close()
    assert "no write-ahead log here (delete)" in caplog.text
