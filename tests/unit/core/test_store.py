"""The store: where results lie, how they are found again, and what nobody may lose."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from movie_director.core.digest import file_digest
from movie_director.core.errors import StorageFull, StoreError
from movie_director.core.executor import Produced, Ticket
from movie_director.core.plan import Absent
from movie_director.core.provenance import SIDECAR_SCHEMA, sealed
from movie_director.core.step import (
    Artifact,
    Device,
    DeviceId,
    Fidelity,
    Option,
    Place,
    Placed,
    Service,
    ServiceId,
    Step,
    StepId,
)
from movie_director.core.store import Cleaned, Store
from movie_director.core.store import usage as usage_module

from tests.fakes import files_in, made, program, step

DEVICE = Device(id=DeviceId("d"), budget_bytes=1)
SERVICE = Service(id=ServiceId("s"), executor="fake", device=DEVICE.id)


def one(text: str = "Hi", *, id: str = "shot:clip", final: bool = False, **place: Any) -> Step:
    """A step whose intent follows from ``text``."""
    where = {"scene": "scene", "shot": "shot", "stem": "clip", "suffix": ".mp4", **place}
    if final:
        where = {"stem": "film", "suffix": ".mp4", "final": True}
    return program([step(id, text=text, place=Place(**where))]).steps[StepId(id)]


class Keeper:
    """A store held open, and a way to put results into it."""

    def __init__(self, root: Path, **given: Any) -> None:
        self.store = Store(root, **given)
        self.store.hold()
        self._count = 0

    def put(self, step: Step, content: str = "", fidelity: Fidelity = Fidelity.FULL,
            inputs: dict[StepId, Artifact] | None = None, **produced: Any) -> Artifact:  # fmt: skip
        self._count += 1
        folder = self.store.ticket_folder(f"t{self._count}")
        ticket = Ticket(id=f"t{self._count}", step=step.id, attempt=1, folder=folder,
                        inputs=inputs or {})  # fmt: skip
        path = folder / "result"
        path.write_text(content or f"made {step.intent}", encoding="utf-8")
        work = Placed(
            step=step, option=Option(executor="fake", fidelity=fidelity), service=SERVICE,
            reason="there is no other",
        )  # fmt: skip
        made = Produced(
            step=step.id, path=path, bytes=path.stat().st_size, content=file_digest(path),
            **produced,
        )  # fmt: skip
        artifact = self.store.adopt(work, made, ticket, seconds=1.25)
        self.store.drop_ticket(ticket.id)
        return artifact


@pytest.fixture
def keeper(tmp_path: Path) -> Any:
    there = Keeper(tmp_path / "film")
    yield there
    while there.store._lock.held:
        there.store.let_go()


def relative(artifact: Artifact, store: Store) -> str:
    return artifact.path.relative_to(store.root).as_posix()


def absent(store: Store, step: Step) -> Absent:
    found = store.find(step)
    assert isinstance(found, Absent)
    return found


def test_making_a_store_and_looking_touches_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "film")
    assert absent(store, one()) == Absent(reason="new", text="it was never made")
    assert (store.artifacts(), store.usage().project_bytes) == ((), 0)
    assert list(tmp_path.iterdir()) == []


def test_an_adopted_file_is_found_by_what_was_wanted(keeper: Keeper) -> None:
    artifact = keeper.put(one(), facts={"seconds": 2.5})
    assert relative(artifact, keeper.store) == "scene/shot/clip_t001.mp4"
    assert keeper.store.find(one()) == artifact
    assert Store(keeper.store.root).find(one()) == artifact
    assert artifact.facts == {"seconds": 2.5}
    assert keeper.store.verify(artifact)


def test_the_same_wish_of_another_node_finds_it_too(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    found = keeper.store.find(one(id="other:clip"))
    assert isinstance(found, Artifact)
    assert (found.step, found.path) == ("other:clip", artifact.path)


def test_a_sidecar_says_what_made_it_from_what_and_when(keeper: Keeper) -> None:
    speech = program([step("line:speech", text="Hi")]).steps[StepId("line:speech")]
    voice = keeper.put(speech)
    film = program([speech, step("shot:clip", seed=7, lines=[made("line:speech")])])
    artifact = keeper.put(
        film.steps[StepId("shot:clip")], inputs={voice.step: voice},
        facts={"frames": 48}, recipe={"ffmpeg": "8"},
    )  # fmt: skip
    record = json.loads(artifact.path.with_name(f"{artifact.path.name}.json").read_text())
    assert sealed(record)
    made_at = record.pop("made")
    assert made_at.endswith("+00:00")
    assert record.pop("tool").startswith("movie-director ")
    assert record.pop("digest")
    assert record == {
        "schema": SIDECAR_SCHEMA,
        "file": "scene/shot/clip_t001.bin",
        "step": "shot:clip",
        "node": "shot",
        "also": [],
        "label": "shot:clip",
        "kind": "clip",
        "take": 1,
        "final": False,
        "fidelity": "full",
        "intent": artifact.intent,
        "content": artifact.content,
        "bytes": artifact.bytes,
        "seed": 7,
        "seconds": 1.25,
        "by": {
            "executor": "fake", "service": "s", "workflow": "", "precision": "", "models": [],
            "reason": "there is no other", "recipe": {"ffmpeg": "8"},
        },
        "parents": [{
            "step": "line:speech", "intent": voice.intent, "content": voice.content,
            "file": "clip_t001.bin",
        }],
        "facts": {"frames": 48},
        "inputs": {"seed": 7, "lines": [{"$made": "line:speech", "intent": voice.intent}]},
    }  # fmt: skip


def test_another_wish_at_the_same_place_is_the_next_take(keeper: Keeper) -> None:
    first = keeper.put(one("Hi"))
    second = keeper.put(one("Hello"))
    assert relative(second, keeper.store) == "scene/shot/clip_t002.mp4"
    assert (first.take, second.take) == (1, 2)
    assert first.path.read_text() != second.path.read_text()


def test_the_same_wish_made_again_is_a_new_take_and_the_newest_is_found(keeper: Keeper) -> None:
    keeper.put(one(), "first")
    second = keeper.put(one(), "second")
    assert second.take == 2
    assert keeper.store.find(one()) == second


def test_what_lies_there_already_is_never_overwritten(keeper: Keeper) -> None:
    theirs = keeper.store.root / "scene/shot/clip_t001.mp4"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    (keeper.store.root / "scene/shot/clip_t002.mp4.json").write_text("{}")
    assert relative(keeper.put(one()), keeper.store) == "scene/shot/clip_t003.mp4"
    assert theirs.read_text() == "mine"


def test_a_deleted_file_comes_back_under_its_name(keeper: Keeper) -> None:
    first = keeper.put(one("Hi"))
    keeper.put(one("Hello"))
    first.path.unlink()
    assert absent(keeper.store, one("Hi")) == Absent(
        reason="missing", text="scene/shot/clip_t001.mp4 is gone"
    )
    assert keeper.put(one("Hi")) == first


def test_an_older_take_serves_while_the_newest_is_gone(keeper: Keeper) -> None:
    first = keeper.put(one(), "first")
    keeper.put(one(), "second").path.unlink()
    assert keeper.store.find(one()) == first


@pytest.mark.parametrize("content", ["something longer than before", "made by a stranger........"])
def test_an_edited_file_is_left_alone_and_made_anew_as_a_take(keeper: Keeper, content: str) -> None:
    first = keeper.put(one(), "made by us, 25 characters")
    first.path.write_text(content)
    assert absent(keeper.store, one()).reason == "edited"
    assert not keeper.store.verify(first)
    assert relative(keeper.put(one()), keeper.store) == "scene/shot/clip_t002.mp4"
    assert first.path.read_text() == content


def test_a_touched_file_with_the_same_bytes_is_still_ours(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    os.utime(artifact.path, ns=(1, 1))
    assert keeper.store.find(one()) == artifact
    assert Store(keeper.store.root)._index.rows["scene/shot/clip_t001.mp4"].mtime_ns == 1


def _side(artifact: Artifact) -> Path:
    return artifact.path.with_name(f"{artifact.path.name}.json")


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace('"seconds": 1.25', '"seconds": 9'),
        lambda text: "no json",
        lambda text: "[]",
    ],
)
def test_an_edited_sidecar_is_noticed_and_nothing_is_lost(
    keeper: Keeper, edit: Callable[[str], str]
) -> None:
    artifact = keeper.put(one())
    _side(artifact).write_text(edit(_side(artifact).read_text()))
    found = absent(keeper.store, one())
    assert (found.reason, found.text) == (
        "edited",
        "scene/shot/clip_t001.mp4.json was edited; "
        "it no longer says how scene/shot/clip_t001.mp4 was made",
    )
    assert keeper.put(one()).take == 2
    assert artifact.path.exists()


def test_a_sidecar_saved_again_unchanged_is_still_ours(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    record = json.loads(_side(artifact).read_text())
    _side(artifact).write_text(json.dumps(record))
    assert keeper.store.find(one()) == artifact


def test_a_deleted_sidecar_is_written_again(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    before = _side(artifact).read_text()
    _side(artifact).unlink()
    assert keeper.store.find(one()) == artifact
    keeper.store.let_go()
    keeper.store.hold()
    assert _side(artifact).read_text() == before


def test_a_changed_wish_says_what_it_was_before(keeper: Keeper) -> None:
    keeper.put(one("Hi"))
    keeper.store.refresh()
    assert absent(keeper.store, one("Hello")) == Absent(
        reason="stale", text="what is wanted changed", was={"text": "Hi"}
    )
    keeper.store.let_go()
    assert absent(Store(keeper.store.root), one("Hello")).was == {"text": "Hi"}


def test_what_it_was_before_is_known_though_the_sidecar_is_gone(keeper: Keeper) -> None:
    _side(keeper.put(one("Hi"))).unlink()
    assert absent(keeper.store, one("Hello")).was == {"text": "Hi"}
    keeper.store.let_go()
    assert absent(keeper.store, one("Hello")).was == {"text": "Hi"}
    (keeper.store.root / ".movie-director/index.sqlite").unlink()
    assert absent(keeper.store, one("Hello")).was == {}


def test_a_stand_in_is_there_and_is_not_what_was_asked(keeper: Keeper) -> None:
    artifact = keeper.put(one(), fidelity=Fidelity.STAND_IN)
    found = absent(keeper.store, one())
    assert (found.reason, found.artifact) == ("stand_in", artifact)


def test_what_is_made_from_a_stand_in_is_one(keeper: Keeper) -> None:
    voice = keeper.put(one(id="a:speech"), fidelity=Fidelity.STAND_IN)
    film = program([step("a:speech", text="Hi"), step("b:clip", of=made("a:speech"))])
    made_of = keeper.put(film.steps[StepId("b:clip")], inputs={StepId("a:speech"): voice})
    assert made_of.fidelity is Fidelity.STAND_IN
    assert made_of.made_from == {voice.intent: voice.content}


def test_a_lost_index_is_made_again_from_the_sidecars(keeper: Keeper) -> None:
    artifact = keeper.put(one(), facts={"seconds": 2})
    keeper.store.let_go()
    (keeper.store.root / ".movie-director/index.sqlite").unlink()
    found = Store(keeper.store.root)
    assert found.find(one()) == artifact
    with found.lock():
        pass
    assert Store(keeper.store.root)._index.load()


def test_a_damaged_index_is_made_again(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    keeper.store.let_go()
    (keeper.store.root / ".movie-director/index.sqlite").write_bytes(b"damage" * 1000)
    again = Store(keeper.store.root)
    assert again.find(one()) == artifact
    with again.lock():
        assert again.find(one()) == artifact
    assert Store(keeper.store.root).find(one()) == artifact


def test_a_moved_project_still_knows_its_files(keeper: Keeper, tmp_path: Path) -> None:
    keeper.put(one())
    keeper.store.let_go()
    moved = tmp_path / "elsewhere"
    keeper.store.root.rename(moved)
    found = Store(moved).find(one())
    assert isinstance(found, Artifact)
    assert found.path == moved / "scene/shot/clip_t001.mp4"


def test_an_edited_sidecar_without_an_index_is_not_trusted(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    text = _side(artifact).read_text()
    keeper.store.let_go()
    (keeper.store.root / ".movie-director/index.sqlite").unlink()
    _side(artifact).write_text(text.replace('"take": 1', '"take": 5'))
    assert absent(Store(keeper.store.root), one()).reason == "edited"
    _side(artifact).write_text('{"schema": "movie-director/artifact@1"}')
    assert absent(Store(keeper.store.root), one()).reason == "new"


def test_peoples_own_json_files_are_passed_over(keeper: Keeper) -> None:
    root = keeper.store.root
    keeper.store.let_go()
    (root / ".movie-director/index.sqlite").unlink()
    for name, text in {"a": "x", "a.json": "{}", "b": "x", "b.json": "\udcff movie"}.items():
        (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    (root / "c").write_text("x")
    (root / "c.json").write_text('["movie-director/artifact@1"]')
    (root / "d").write_text("x")
    (root / "d.json").write_text('"movie-director/artifact@1')
    assert Store(root).artifacts() == ()


def test_a_step_finished_and_not_yet_in_the_index_is_found_after_a_crash(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    ticket = Ticket(id="t9", step=one().id, attempt=1, folder=keeper.store.root)
    placed = Placed(step=one(), option=Option(executor="fake"), service=SERVICE)
    keeper.store.journal.sent(ticket, placed)
    keeper.store.let_go()
    with sqlite3.connect(keeper.store.root / ".movie-director/index.sqlite") as db:
        db.execute("DELETE FROM artifact")
    db.close()
    assert Store(keeper.store.root).find(one()) == artifact


def test_a_sidecar_whose_file_did_not_make_it_keeps_its_name(keeper: Keeper) -> None:
    artifact = keeper.put(one())
    artifact.path.unlink()
    keeper.store.let_go()
    (keeper.store.root / ".movie-director/index.sqlite").unlink()
    again = Keeper(keeper.store.root)
    assert absent(again.store, one()).reason == "missing"
    assert relative(again.put(one()), again.store) == "scene/shot/clip_t001.mp4"
    again.store.let_go()


def test_a_final_is_shown_under_its_plain_name(keeper: Keeper) -> None:
    film = one(final=True)
    artifact = keeper.put(film)
    shown = keeper.store.publish(film, artifact)
    assert relative(artifact, keeper.store) == "takes/film_t001.mp4"
    assert shown == keeper.store.published(film) == keeper.store.root / "film.mp4"
    assert shown.read_bytes() == artifact.path.read_bytes()
    again = keeper.put(one("Hello", final=True))
    keeper.store.publish(film, again)
    assert shown.read_bytes() == again.path.read_bytes()
    assert artifact.path.exists()


def test_a_final_is_copied_where_the_system_has_no_links(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    film = one(final=True)
    first = keeper.put(film)
    keeper.store.publish(film, first)
    shown = keeper.store.published(film)
    before = shown.stat().st_ino
    keeper.store.publish(film, first)
    assert shown.stat().st_ino == before
    second = keeper.put(one("Hello", final=True))
    keeper.store.publish(film, second)
    assert shown.read_bytes() == second.path.read_bytes()
    assert not shown.samefile(second.path)
    assert list(files_in(keeper.store.root)) == [
        "film.mp4", "takes/film_t001.mp4", "takes/film_t001.mp4.json",
        "takes/film_t002.mp4", "takes/film_t002.mp4.json",
    ]  # fmt: skip


def test_a_users_own_film_is_set_aside_and_not_replaced(keeper: Keeper) -> None:
    root = keeper.store.root
    (root / "film.mp4").write_text("holiday")
    (root / "film_kept_001.mp4").write_text("older holiday")
    film = one(final=True)
    keeper.store.publish(film, keeper.put(film))
    assert (root / "film_kept_001.mp4").read_text() == "older holiday"
    assert (root / "film_kept_002.mp4").read_text() == "holiday"


def test_a_published_film_is_known_for_ours_without_the_index(keeper: Keeper) -> None:
    film = one(final=True)
    keeper.store.publish(film, keeper.put(film))
    second = keeper.put(one("Hello", final=True))
    keeper.store._index.published.clear()
    keeper.store.publish(film, second)
    assert [path.name for path in sorted(keeper.store.root.glob("film*"))] == ["film.mp4"]


def test_a_published_copy_is_known_for_ours_by_its_bytes(keeper: Keeper) -> None:
    film = one(final=True)
    artifact = keeper.put(film)
    (keeper.store.root / "film.mp4").write_bytes(artifact.path.read_bytes())
    keeper.store.publish(film, keeper.put(one("Hello", final=True)))
    assert [path.name for path in sorted(keeper.store.root.glob("film*"))] == ["film.mp4"]


def test_cleaning_removes_what_nobody_needs_and_never_finals(keeper: Keeper) -> None:
    needed = keeper.put(one("keep"))
    keeper.put(one("old"))
    keeper.put(one("lonely", shot="alone"))
    edited = keeper.put(one("edited"))
    edited.path.write_text("by a person")
    film = keeper.put(one("film", final=True))
    theirs = keeper.store.root / "scene/shot/notes.txt"
    theirs.write_text("mine")
    would = keeper.store.clean({needed.intent}, dry_run=True)
    cleaned = keeper.store.clean({needed.intent})
    assert would == cleaned == Cleaned(
        files=("scene/alone/clip_t001.mp4", "scene/shot/clip_t002.mp4"), bytes=74
    )  # fmt: skip
    assert [name for name in files_in(keeper.store.root) if not name.endswith(".json")] == [
        "scene/shot/clip_t001.mp4", "scene/shot/clip_t003.mp4", "scene/shot/notes.txt",
        "takes/film_t001.mp4",
    ]  # fmt: skip
    assert not (keeper.store.root / "scene/alone").exists()
    assert film.path.exists()
    assert keeper.store.usage().project_bytes == needed.bytes + edited.bytes + film.bytes


def test_the_projects_limit_is_kept(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "film", limit_bytes=60)
    keeper.put(one("Hi"))
    assert keeper.store.usage().warning == ""
    with pytest.raises(StorageFull, match="storage limit"):
        keeper.put(one("Hello"))
    keeper.store.limit_bytes = 40
    assert keeper.store.usage().warning.startswith("The project takes ")
    assert " of its 40 bytes. Clean it" in keeper.store.usage().warning
    keeper.store.let_go()


def test_a_nearly_full_disk_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_module, "_LOW_BYTES", 2**62)
    usage = Store(tmp_path / "not" / "made" / "yet").usage()
    assert usage.warning.startswith("Only ")
    assert usage.free_bytes > 0


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, StorageFull, "no room left"),
        (errno.EROFS, StoreError, "read-only"),
        (errno.EACCES, StoreError, "may not be written"),
        (errno.EIO, StoreError, "could not be written"),
    ],
)
def test_what_the_disk_refuses_is_an_error_with_a_remedy_and_nothing_lies_about(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[StoreError], said: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("movie_director.core.store.write_whole", refuse)
    with pytest.raises(kind, match=said) as caught:
        keeper.put(one())
    assert caught.value.remedy
    assert type(caught.value) is kind
    assert files_in(keeper.store.root) == {}


def test_a_disk_that_fills_while_moving_leaves_no_sidecar_alone(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.link, []

    def fill(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "link", fill)
    with pytest.raises(StorageFull):
        keeper.put(one())
    monkeypatch.undo()
    assert relative(keeper.put(one()), keeper.store) == "scene/shot/clip_t001.mp4"


def test_a_project_folder_with_too_long_a_path_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / ("x" * 120) / ("y" * 120))
    with pytest.raises(StoreError, match="too long"):
        store.hold()
    assert list(tmp_path.iterdir()) == []


def test_names_that_differ_in_case_alone_do_not_collide_elsewhere(keeper: Keeper) -> None:
    first = keeper.put(one("a", scene="Anna"))
    second = keeper.put(one("b", scene="ANNA"))
    assert relative(first, keeper.store) == "Anna/shot/clip_t001.mp4"
    assert relative(second, keeper.store) == "ANNA/shot/clip_t002.mp4"


def test_a_journal_that_cannot_be_opened_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    store = Store(tmp_path)
    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(StoreError, match="journal") as caught:
        store.hold()
    assert "allow writing" in caught.value.remedy
    assert not (tmp_path / ".movie-director/lock").exists()


def _no_database(file: Path) -> None:
    file.write_bytes(b"damage" * 1000)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def _holes(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:4096] + bytes(len(data) - 4096))


def _other_tables(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            db.execute(f"DROP TABLE {name}")
            db.execute(f"CREATE TABLE {name} (path TEXT PRIMARY KEY, x)")
        db.commit()


@pytest.mark.parametrize("spoil", [_no_database, _cut, _holes, _other_tables])
@pytest.mark.parametrize("name", ["index.sqlite", "journal.sqlite"])
def test_a_damaged_database_is_made_anew_and_nothing_is_lost(
    keeper: Keeper, name: str, spoil: Callable[[Path], None]
) -> None:
    artifact = keeper.put(one())
    keeper.store.let_go()
    spoil(keeper.store.root / ".movie-director" / name)
    again = Store(keeper.store.root)
    assert again.find(one()) == artifact
    with again.lock():
        assert again.journal.left() == ()
        assert again.find(one()) == artifact
        again.journal.abandon([])  # it can be written
    artifact.path.with_name(f"{artifact.path.name}.json").unlink()
    last = Store(keeper.store.root)
    with last.lock():
        assert last.find(one()) == artifact
        assert _side(artifact).is_file()


@pytest.mark.parametrize(
    "change",
    ["facts = '{bad'", "made_from = NULL", "take = 'x'", "bytes = 'abc'", "fidelity = 99",
     "path = '../../etc/passwd'", "path = '/etc/passwd'", "path = 7"],
)  # fmt: skip
def test_rows_that_cannot_be_ours_are_read_from_the_sidecars_again(
    keeper: Keeper, change: str
) -> None:
    artifact = keeper.put(one())
    keeper.store.let_go()
    with closing(sqlite3.connect(keeper.store.root / ".movie-director/index.sqlite")) as db:
        db.execute(f"UPDATE artifact SET {change}")
        db.commit()
    again = Store(keeper.store.root)
    assert again.find(one()) == artifact
    with again.lock():
        pass
    assert Store(keeper.store.root)._index.load()
    assert [each.path for each in Store(keeper.store.root).artifacts()] == [artifact.path]


def test_an_index_whose_making_was_killed_is_not_trusted(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = keeper.put(one())
    keeper.store.let_go()
    (keeper.store.root / ".movie-director/index.sqlite").unlink()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("movie_director.core.store.index.Index._save", die)
        with pytest.raises(KeyboardInterrupt):
            Store(keeper.store.root).hold()
    assert Store(keeper.store.root).find(one()) == artifact


def test_the_store_may_be_held_in_layers(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.lock(), store.lock():
        store.refresh()
        assert store.journal.left() == ()
    store.close()


def test_what_another_program_made_is_seen_after_a_refresh(tmp_path: Path) -> None:
    mine = Store(tmp_path)
    assert absent(mine, one()).reason == "new"
    other = Keeper(tmp_path)
    artifact = other.put(one())
    other.store.let_go()
    assert absent(mine, one()).reason == "new"
    mine.refresh()
    assert mine.find(one()) == artifact


def test_a_refresh_with_nothing_new_reads_nothing(keeper: Keeper) -> None:
    keeper.put(one())
    keeper.store.let_go()
    index = keeper.store._index
    keeper.store.refresh()
    assert keeper.store._index is index


@pytest.mark.parametrize(
    ("said", "kind"), [("database or disk is full", StorageFull), ("disk I/O error", StoreError)]
)
def test_an_index_that_cannot_be_written_is_an_error_and_the_artifact_is_found_later(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[StoreError]
) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError(said)

    ticket = Ticket(id="open", step=one().id, attempt=1, folder=keeper.store.root)
    placed = Placed(step=one(), option=Option(executor="fake"), service=SERVICE)
    keeper.store.journal.sent(ticket, placed)
    monkeypatch.setattr("movie_director.core.store.index.Index._save", refuse)
    with pytest.raises(kind) as caught:
        keeper.put(one())
    assert type(caught.value) is kind
    monkeypatch.undo()
    keeper.store.let_go()
    assert isinstance(Store(keeper.store.root).find(one()), Artifact)
