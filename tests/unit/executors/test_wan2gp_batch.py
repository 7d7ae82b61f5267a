"""The tasks of one job as a table: what was said of it in, how each stands out."""

from __future__ import annotations

import pytest
from movie_director.core.errors import BadAnswer
from movie_director.executors._wan2gp.batch import Batch, End, Ending
from movie_director.executors._wan2gp.job import Fault, Item, Job, Outcome, read_items, read_job

IDS = ("a", "b", "c")


def batch(*, given_up: str = "", stopping: bool = False, ids: tuple[str, ...] = IDS) -> Batch:
    wanted = set(ids) - set(given_up)
    return Batch(
        job="j", ids=ids, began=0.0, wanted=wanted, given_up=set(given_up), stopping=stopping
    )


def item(task: str, id: str = "") -> Item:
    return Item(id=id or f"file-{task}", media="audio", task=task)


def job(number: int = 0, *faults: Fault, outcome: Outcome | None = None) -> Job:
    return Job(
        id="j", done=outcome is not None, fraction=0.5, note="generating", number=number,
        faults=faults, outcome=outcome,
    )  # fmt: skip


def done(*items: Item, faults: tuple[Fault, ...] = ()) -> Job:
    return job(
        outcome=Outcome(success=not faults, cancelled=False, faults=faults, items=items)
    )  # fmt: skip


def endings(one: Batch) -> list[Ending | None]:
    return [one.ending(id) for id in one.ids]


def test_while_it_runs_a_file_counts_once_its_task_is_behind() -> None:
    one = batch()
    one.hear(job(1), [item("a")], 1.0)
    assert (one.current, endings(one)) == ("b", [(item("a"),), None, None])
    two = batch()
    two.hear(job(), [], 1.0)
    assert (two.current, endings(two)) == ("a", [None, None, None])


def test_a_task_that_failed_is_told_at_once_and_the_next_is_under_way() -> None:
    one, fault = batch(), Fault(task="a", message="bad LoRA")
    one.hear(job(0, fault), [], 1.0)
    assert (one.current, endings(one)) == ("b", [fault, None, None])


BROKE = Fault(task="", message="broke")
STOPPED = Fault(task="b", message="", cancelled=True)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (done(*map(item, IDS)), [(item("a"),), (item("b"),), (item("c"),)]),
        (done(item("a"), item("c"), faults=(Fault(task="b", message="x"),)),
         [(item("a"),), Fault(task="b", message="x"), (item("c"),)]),
        (done(item("a"), faults=(STOPPED,)), [(item("a"),), STOPPED, End.AGAIN]),
        (done(item("a"), faults=(BROKE,)), [(item("a"),), BROKE, BROKE]),
        (done(faults=(Fault(task="", message="", cancelled=True),)),
         [Fault(task="", message="", cancelled=True), End.AGAIN, End.AGAIN]),
        (done(item("a")), [(item("a"),), Fault(task="b", message=""), Fault(task="c", message="")]),
        (done(item("", "1"), item("", "2"), item("", "3")),
         [(item("", "1"),), (item("", "2"),), (item("", "3"),)]),
        (done(item("", "1"), item("", "2"), faults=(Fault(task="a", message="x"),)),
         [Fault(task="a", message="x"), (item("", "1"),), (item("", "2"),)]),
        (done(item("", "1"), faults=(BROKE,)), [End.ALONE] * 3),
    ],
)  # fmt: skip
def test_at_the_end_each_has_its_file_its_fault_or_is_handed_in_anew(end, expected) -> None:
    one = batch()
    one.hear(end, [], 1.0)
    assert one.over
    assert one.current == ""
    assert endings(one) == expected


def test_what_we_stopped_is_handed_in_anew_for_whoever_wants_it_still() -> None:
    one = batch(given_up="a", stopping=True)
    one.hear(done(faults=(Fault(task="a", message="", cancelled=True),)), [], 1.0)
    assert endings(one) == [End.AGAIN] * 3


def test_a_job_of_one_task_ends_as_the_job_does() -> None:
    for end, expected in (
        (done(item("", "1")), (item("", "1"),)),
        (done(item("a"), faults=(BROKE,)), Fault(task="a", message="broke")),
        (done(), Fault(task="a", message="")),
    ):
        one = batch(ids=("a",))
        one.hear(end, [], 1.0)
        assert one.ending("a") == expected


@pytest.mark.parametrize(
    ("given_up", "number", "unwanted"),
    [("", 1, False), ("a", 1, True), ("b", 1, False), ("b", 2, True), ("c", 2, False),
     ("abc", 2, True)],
)  # fmt: skip
def test_a_job_is_unwanted_when_nobody_waits_for_what_is_under_way(
    given_up, number, unwanted
) -> None:
    one = batch(given_up=given_up)
    one.hear(job(number), [], 1.0)
    assert one.unwanted is unwanted


def test_how_far_it_is_is_said_of_the_task_it_speaks_of() -> None:
    one = batch()
    one.hear(job(2), [], 1.0)
    assert [one.fraction(id) for id in IDS] == [0.0, 0.5, 0.0]
    # What was told before the first was seen to be done speaks of the first.
    two = batch()
    two.hear(job(1), [item("a")], 1.0)
    assert [two.fraction(id) for id in IDS] == [0.0, 0.0, 0.0]


def test_each_has_the_time_from_its_turn_to_the_next() -> None:
    one = batch()
    one.hear(job(1), [], 1.0)
    one.hear(job(2), [], 4.0)
    assert [one.worked(id, 5.0) for id in IDS] == [4.0, 1.0, 0.0]
    one.hear(done(*map(item, IDS)), [], 10.0)
    assert [one.worked(id, 99.0) for id in IDS] == [4.0, 3.0, 3.0]


# --- what is read -------------------------------------------------------------------------------


def test_progress_before_the_last_file_speaks_of_another_task() -> None:
    told = {"kind": "progress", "data": {"progress": 90, "status": "Prompt 2/5 - Denoising"}}
    seen = read_job({"job_id": "j", "events": [told]}, "it")
    assert (seen.fraction, seen.number) == (0.9, 2)
    seen = read_job({"job_id": "j", "events": [told, {"kind": "output"}]}, "it")
    assert (seen.fraction, seen.number) == (0.0, 0)


@pytest.mark.parametrize(
    "events",
    [7, [7], [{"kind": "progress", "data": 7}], [{"kind": "error", "data": "x"}],
     [{"kind": "progress", "data": {"status": 7, "progress": "x"}}],
     [{"kind": "progress", "data": {"status": "Prompt 99999/1", "progress": 1e9}}]],
)  # fmt: skip
def test_nonsense_in_events_says_nothing(events) -> None:
    seen = read_job({"job_id": "j", "events": events}, "it")
    assert (seen.number, seen.faults, seen.outcome) == (0, (), None)
    assert 0.0 <= seen.fraction <= 1.0


def test_nonsense_in_the_gallery_is_left_out() -> None:
    good = {"gallery_id": "g", "media_type": "video", "settings": {"client_id": "a"}}
    found = read_items([7, {}, {"gallery_id": 7}, good, {**good, "settings": 7}])
    assert [(each.id, each.task) for each in found] == [("g", "a"), ("g", "")]
    assert read_items("x") == ()


def test_a_job_without_a_name_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        read_job({"job_id": 7}, "it")
