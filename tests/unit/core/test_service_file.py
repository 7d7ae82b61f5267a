"""What a person settled about services: kept, never secret, never lost."""

from __future__ import annotations

import json

import pytest
from movie_director.core.errors import StoreError
from movie_director.core.patience import Operation, Patience
from movie_director.core.service_file import (
    SCHEMA,
    Named,
    Services,
    Uptime,
    change,
    load,
    services_path,
)

HERE, FAR = "http://127.0.0.1:8188", "https://gpu.example:443"


def test_without_a_file_nothing_is_settled() -> None:
    assert load() == Services()
    assert not services_path().exists()


def test_what_is_settled_is_kept() -> None:
    change(lambda known: known.with_place(HERE).with_place(FAR, elsewhere=True))
    change(lambda known: known.with_place(FAR, elsewhere=False).without("http://127.0.0.1:7860"))
    change(lambda known: known.after({HERE: Uptime(up_s=9.0, seen_s=10.0)}))
    kept = change(lambda known: known.after({HERE: Uptime(up_s=0.0, seen_s=10.0)}))
    assert kept == load()
    assert kept.named == (Named(address=HERE), Named(address=FAR))
    assert kept.ignored == {"http://127.0.0.1:7860"}
    assert kept.uptime == {HERE: Uptime(up_s=9.0, seen_s=20.0)}
    assert kept.uptime[HERE].share == 0.45
    assert Uptime().share == 1.0
    assert [path.name for path in services_path().parent.iterdir()] == ["services.json"]


def test_a_time_that_a_person_gives_is_kept_and_the_others_are_the_usual() -> None:
    change(lambda known: known.with_wait(Operation.VIDEO, 7200.0).with_wait(Operation.SHORT, 9.0))
    kept = change(lambda known: known.with_wait(Operation.SHORT, None))
    assert kept == load()
    assert kept.waits == {Operation.VIDEO: 7200.0}
    assert kept.patience.of(Operation.VIDEO) == 7200.0
    assert kept.patience.of(Operation.SHORT) == Patience().of(Operation.SHORT)


def test_a_place_that_is_named_again_is_asked_again() -> None:
    assert Services().without(HERE).with_place(HERE).ignored == frozenset()
    assert Services().with_place(HERE).without(HERE) == Services(ignored=frozenset({HERE}))


@pytest.mark.parametrize(
    "value",
    [
        "[", "[]", "{}", {"schema": "movie-director/services@2"}, {"named": {}}, {"named": [1]},
        {"named": [{"address": 7}]}, {"named": [{"address": "file:///x"}]}, {"uptime": []},
        {"uptime": {HERE: {"up_s": 2, "seen_s": 1}}}, {"uptime": {HERE: {"up_s": 1e999}}},
        {"waits": []}, {"waits": {"video": 0}}, {"waits": {"video": True}}, {"waits": {"tea": 5}},
        {"uptime": {HERE: 1}}, {"ignored": [HERE] * 2000}, "[" * 100_000, " " * 2_000_000,
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_set_aside(value: object, caplog) -> None:
    path = services_path()
    path.parent.mkdir(parents=True)
    text = value if isinstance(value, str) else json.dumps({"schema": SCHEMA, **dict(value)})  # type: ignore[call-overload]
    path.write_text(text, encoding="utf-8")
    assert load() == Services()
    assert not path.exists()
    assert path.with_name("services.unreadable.json").read_text(encoding="utf-8") == text
    assert "could not be read" in caplog.text


def test_a_disk_that_fails_is_said_and_reading_goes_on_without(monkeypatch) -> None:
    services_path().parent.parent.mkdir(parents=True)
    services_path().parent.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="could not be written"):
        change(lambda known: known.with_place(HERE))
    assert load() == Services()
