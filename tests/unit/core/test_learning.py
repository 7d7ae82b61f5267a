"""Learning: robust, bounded, quick after running out of memory, kept safely, forgotten on request."""

from __future__ import annotations

import itertools
import json
import logging
import pathlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core import learning
from movie_director.core.errors import StoreError
from movie_director.core.learning import (
    FEWEST,
    KEPT,
    MOST_FACTOR,
    MOST_SECONDS_FACTOR,
    Calibration,
    Key,
    Learned,
    Lesson,
    key_of,
    keys_of,
    size_class,
)
from movie_director.core.learning_file import Lessons, as_json, estimates_path
from movie_director.core.step import CLIP, ModelId, Option

from tests.fakes import step

WAN = Key(
    machine="RTX 4090", subject="umt5-xxl+wan2.2-i2v-14b-high", precision="fp8", size="≤64 MPf"
)
GB = 10**9
ratios = st.floats(0.01, 100)


def seen(*pairs: tuple[float, float], key: Key = WAN) -> Learned:
    """After work that took these shares of the estimated seconds and bytes."""
    learned = Learned()
    for seconds, work in pairs:
        learned = learned.observed(
            key, estimated_seconds=10, seconds=10 * seconds, estimated_bytes=GB,
            work_bytes=round(GB * work),
        )  # fmt: skip
    return learned


# --- correcting -----------------------------------------------------------------------


def test_three_samples_are_believed_and_fewer_in_part() -> None:
    learned = [seen(*[(8, 1.5)] * count) for count in range(4)]
    assert [each.seconds(WAN, 10) for each in learned] == pytest.approx([10, 20, 40, 80])
    assert [each.work_bytes(WAN, GB) for each in learned] == [GB, GB, GB, 1_500_000_000]


def test_one_wild_sample_changes_little() -> None:
    calm = [(1.2, 1.1)] * 9
    learned = seen(*calm, (50, 3.9))
    assert learned.seconds(WAN, 10) == pytest.approx(12)
    assert learned.work_bytes(WAN, GB) == 1_100_000_000


def test_memory_is_planned_with_what_three_of_four_peaks_stay_below() -> None:
    learned = seen(*[(1, peak) for peak in (1.0, 1.1, 1.2, 1.3, 1.4)])
    assert learned.work_bytes(WAN, GB) == 1_300_000_000


def test_a_range_says_what_nine_of_ten_lie_between() -> None:
    assert Learned().seconds_range(WAN, 10) == (5, 20)
    low, high = seen(*[(1 + n / 20, 1) for n in range(21)]).seconds_range(WAN, 10)
    assert (low, high) == (pytest.approx(10.5), pytest.approx(19.5))


def test_an_option_is_corrected_whole() -> None:
    option = Option(executor="comfyui", work_bytes=GB, seconds=10.0)
    corrected = seen(*[(2, 1.5)] * 3).option(WAN, option)
    assert (corrected.seconds, corrected.work_bytes) == (20.0, 1_500_000_000)


FLUX = Option(
    executor="comfyui", models=frozenset({ModelId("flux1-dev/q8")}), precision="q8",
    seconds=10.0, work_bytes=GB,
)  # fmt: skip


def test_a_plan_counts_with_what_a_way_costs_here() -> None:
    shot = step("s:clip", size=[1280, 720])
    key, _ = keys_of("gpu", shot, FLUX)
    learned = seen(*[(2, 1.5)] * 3, key=key)
    corrected = learned.costs("gpu", shot, FLUX)
    assert (corrected.seconds, corrected.work_bytes) == (20.0, 1_500_000_000)
    assert learned.costs("another", shot, FLUX) == FLUX


def test_models_that_never_ran_here_take_the_time_that_others_did() -> None:
    shot = step("s:clip", size=[1280, 720])
    _, broad = keys_of("gpu", shot, FLUX)
    corrected = seen(*[(3, 1)] * 3, key=broad).costs("gpu", shot, FLUX)
    assert (corrected.seconds, corrected.work_bytes) == (30.0, GB)


def test_another_size_teaches_until_the_own_one_does() -> None:
    small, large = step("s:clip", size=[640, 480]), step("s:clip", size=[3840, 2160])
    learned = seen(*[(1, 2)] * 3, key=keys_of("gpu", small, FLUX)[0])
    assert learned.costs("gpu", large, FLUX).work_bytes == 2 * GB
    for _ in range(3):
        learned = learned.observed(
            keys_of("gpu", large, FLUX)[0], estimated_bytes=GB, work_bytes=GB
        )
    assert learned.costs("gpu", large, FLUX).work_bytes == GB


@given(st.lists(st.tuples(ratios, ratios), max_size=60))
def test_corrections_are_bounded(pairs) -> None:
    lesson = seen(*pairs).lessons.get(WAN, Lesson())
    assert 1 / MOST_SECONDS_FACTOR <= lesson.seconds_factor <= MOST_SECONDS_FACTOR
    assert 1 / MOST_FACTOR <= lesson.bytes_factor <= MOST_FACTOR
    assert len(lesson.seconds) <= KEPT


@given(st.lists(ratios, min_size=FEWEST, max_size=KEPT), st.randoms())
def test_the_order_of_samples_does_not_matter(values, random) -> None:
    shuffled = random.sample(values, len(values))
    one = seen(*[(value, value) for value in values]).lessons[WAN]
    two = seen(*[(value, value) for value in shuffled]).lessons[WAN]
    assert one.seconds_factor == two.seconds_factor
    assert one.bytes_factor == two.bytes_factor


@given(st.lists(ratios, min_size=FEWEST, max_size=KEPT), ratios)
def test_seeing_more_never_teaches_less(values, more) -> None:
    before = seen(*[(value, value) for value in values]).lessons[WAN]
    after = seen(*[(value + more, value + more) for value in values]).lessons[WAN]
    assert after.seconds_factor >= before.seconds_factor
    assert after.bytes_factor >= before.bytes_factor


def test_what_is_no_number_teaches_nothing() -> None:
    lesson = Lesson()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        assert lesson.took(wrong) == lesson.peaked(wrong) == lesson


# --- running out of memory ----------------------------------------------------------------


def test_running_out_raises_the_estimate_at_once() -> None:
    learned = Learned().ran_out(WAN)
    assert learned.work_bytes(WAN, GB) == 1_250_000_000
    assert learned.ran_out(WAN).work_bytes(WAN, GB) > 1_250_000_000


def test_running_out_raises_it_above_what_was_there() -> None:
    learned = Learned().ran_out(WAN, estimated_bytes=GB, had_bytes=2 * GB)
    assert learned.work_bytes(WAN, GB) == 2_100_000_000


def test_it_stays_raised_until_three_peaks_contradict_it() -> None:
    learned = Learned().ran_out(WAN, estimated_bytes=GB, had_bytes=2 * GB)
    for _ in range(2):
        learned = learned.observed(WAN, estimated_bytes=GB, work_bytes=round(1.4 * GB))
        assert learned.work_bytes(WAN, GB) == 2_100_000_000
    learned = learned.observed(WAN, estimated_bytes=GB, work_bytes=round(1.5 * GB))
    assert learned.work_bytes(WAN, GB) == pytest.approx(1_450_000_000)


def test_times_without_peaks_contradict_nothing() -> None:
    learned = Learned().ran_out(WAN)
    for _ in range(20):
        learned = learned.observed(WAN, estimated_seconds=10, seconds=10)
    assert learned.work_bytes(WAN, GB) == 1_250_000_000


@given(st.lists(ratios, max_size=40), st.integers(0, 40))
def test_right_after_running_out_more_is_planned_than_before(values, at) -> None:
    learned = seen(*[(1, value) for value in values[:at]])
    before = learned.work_bytes(WAN, GB)
    after = learned.ran_out(WAN).work_bytes(WAN, GB)
    assert after > before or after == MOST_FACTOR * GB


# --- whom it is about ------------------------------------------------------------------


def test_models_are_the_subject_and_else_the_kind_of_work() -> None:
    models = frozenset({ModelId("wan2.2-i2v-14b-high/fp8"), ModelId("umt5-xxl/fp8")})
    option = Option(executor="comfyui", models=models, precision="fp8")
    assert key_of("RTX 4090", CLIP, option, "≤64 MPf") == WAN
    drawn = key_of("cpu", CLIP, Option(executor="animatic"))
    assert drawn == Key(machine="cpu", subject="animatic:clip")


def test_a_finished_step_teaches_about_its_models_and_about_its_kind() -> None:
    option = Option(executor="comfyui", models=frozenset({ModelId("flux1-dev/q8")}), precision="q8")
    made = step("s:clip", size=[1280, 720])
    assert keys_of("gpu", made, option) == (
        Key(machine="gpu", subject="flux1-dev", precision="q8", size="≤1 MPf"),
        Key(machine="gpu", subject="comfyui:clip"),
    )
    drawn = Option(executor="animatic")
    assert keys_of("cpu", made, drawn) == (Key(machine="cpu", subject="animatic:clip"),)
    strange = step("s:clip", size=["wide", None])
    assert keys_of("gpu", strange, option)[0].size == ""


def test_the_pace_of_a_kind_is_the_middle_of_all_its_times() -> None:
    learned = Learned()
    for machine, ratio in (("gpu", 1.0), ("gpu", 3.0), ("cpu", 8.0)):
        key = Key(machine=machine, subject="comfyui:clip")
        learned = learned.observed(key, estimated_seconds=1, seconds=ratio)
    learned = learned.observed(WAN, estimated_seconds=1, seconds=9)
    assert learned.pace() == {("comfyui", "clip"): 3.0}


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ({}, ""),
        ({"width": 1024, "height": 1024}, "≤2 MPf"),
        ({"width": 832, "height": 480, "frames": 81}, "≤64 MPf"),
        ({"width": 16, "height": 16}, "≤0.0625 MPf"),
    ],
)
def test_sizes_are_told_apart_by_powers_of_two(size, words) -> None:
    assert size_class(**size) == words


def test_the_lessons_that_were_not_used_for_longest_go_first(monkeypatch) -> None:
    monkeypatch.setattr(learning, "_MOST_LESSONS", 3)
    keys = [Key(machine="m", subject=str(n)) for n in range(4)]
    learned = Learned()
    for key in (*keys[:3], keys[0], keys[3]):
        learned = learned.observed(key, estimated_seconds=1, seconds=1)
    assert [key.subject for key in learned.lessons] == ["2", "0", "3"]


def test_how_far_plans_were_off_is_counted_as_they_were_then() -> None:
    learned = seen(*[(2, 1)] * 4)  # planned with 1, the third root of 2, its square, and 2
    error = learned.seconds_error()
    missed = [1, 2 ** (2 / 3) - 1, 2 ** (1 / 3) - 1, 0]
    assert error.samples == 4
    assert error.median == pytest.approx((missed[1] + missed[2]) / 2, abs=1e-4)
    assert error.ninety == pytest.approx(missed[1] + 0.7 * (missed[0] - missed[1]), abs=1e-4)
    assert learned.bytes_error() == Calibration(samples=4, median=0, ninety=0)
    assert Learned().bytes_error() == Calibration(samples=0, median=0, ninety=0)


def test_what_has_a_name_is_forgotten_alone() -> None:
    other = Key(machine="RTX 3060", subject="flux1-dev", precision="q4")
    learned = seen((1, 1)).observed(other, estimated_seconds=1, seconds=1)
    assert list(learned.without("WAN2.2").lessons) == [other]
    assert list(learned.without("3060").lessons) == [WAN]
    assert list(learned.without("nothing").lessons) == [WAN, other]
    assert learned.without().lessons == {}


# --- keeping it -----------------------------------------------------------------------


def learn(lessons: Lessons, key: Key = WAN) -> None:
    lessons.change(lambda learned: learned.observed(key, estimated_seconds=1, seconds=2))


def test_what_was_learned_is_there_the_next_time(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "deep" / "estimates.json"
    lessons = Lessons(path)
    for _ in range(3):
        learn(lessons)
    lessons.change(lambda learned: learned.ran_out(WAN))
    assert not path.exists()
    lessons.flush()
    assert Lessons(path).learned == lessons.learned
    assert Lessons(path).learned.seconds(WAN, 1) == 2


def test_two_that_learn_at_once_lose_nothing(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "estimates.json"
    one, two = Lessons(path), Lessons(path)
    assert one.learned == two.learned == Learned()
    learn(one)
    learn(two, Key(machine="m", subject="s"))
    one.flush()
    two.flush()
    assert len(Lessons(path).learned.lessons) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["estimates.json"]


def test_nothing_is_written_when_nothing_was_learned(tmp_path: pathlib.Path) -> None:
    Lessons(tmp_path / "estimates.json").flush()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema": "movie-director/estimates@2", "lessons": []}',
        '{"schema": "movie-director/estimates@1", "lessons": 7}',
        '{"schema": "movie-director/estimates@1", "lessons": [{"machine": 7}]}',
        '{"schema": "movie-director/estimates@1", "lessons": [{"seconds": [1e9]}]}',
        '{"schema": "movie-director/estimates@1", "lessons": [{"peaks": [true]}]}',
        '{"schema": "movie-director/estimates@1", "lessons": [{"peaks": [NaN]}]}',
        '{"schema": "movie-director/estimates@1", "lessons": [{"floor": "high"}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_set_aside_and_kept(tmp_path, caplog, text) -> None:
    path = tmp_path / "estimates.json"
    path.write_text(text, encoding="utf-8")
    lessons = Lessons(path)
    with caplog.at_level(logging.WARNING):
        learn(lessons)
    lessons.flush()
    assert "could not be read" in caplog.text
    assert (tmp_path / "estimates.unreadable-1.json").read_text(encoding="utf-8") == text
    assert list(Lessons(path).learned.lessons) == [WAN]


def test_a_second_broken_file_does_not_replace_the_first(tmp_path: pathlib.Path) -> None:
    for content in ("one", "two"):
        (tmp_path / "estimates.json").write_text(content, encoding="utf-8")
        assert Lessons(tmp_path / "estimates.json").learned == Learned()
    kept = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert kept == {
        "estimates.unreadable-1.json": "one", "estimates.unreadable-2.json": "two",
    }  # fmt: skip


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    lessons = Lessons(tmp_path / "file" / "estimates.json")
    learn(lessons)
    with pytest.raises(StoreError, match="could not be written"):
        lessons.flush()
    assert list(lessons.learned.lessons) == [WAN]


def test_a_file_that_cannot_be_read_now_is_not_replaced(tmp_path, monkeypatch) -> None:
    path = tmp_path / "estimates.json"
    lessons = Lessons(path)
    learn(lessons)
    lessons.flush()

    def closed(self: pathlib.Path, *args: object, **more: object) -> str:
        raise PermissionError(13, "Permission denied")

    later = Lessons(path)
    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "read_text", closed)
        learn(later)
        with pytest.raises(StoreError, match="Permission denied"):
            later.flush()
    later.flush()
    assert len(Lessons(path).learned.lessons[WAN].seconds) == 2


def test_it_lies_in_the_users_data_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert estimates_path().parts[-2:] == ("movie-director", "estimates.json")


keys = st.builds(Key, machine=st.text(max_size=20), subject=st.text(max_size=20))


@given(
    st.lists(st.tuples(keys, st.sampled_from("tpo"), ratios), max_size=30).map(
        lambda steps: list(itertools.islice(steps, 30))
    )
)
def test_whatever_was_learned_survives_being_kept(tmp_path_factory, steps) -> None:
    path = tmp_path_factory.mktemp("kept") / "estimates.json"
    lessons = Lessons(path)
    for key, what, ratio in steps:
        if what == "o":
            lessons.change(lambda learned, key=key: learned.ran_out(key))
        else:
            lessons.change(
                lambda learned, key=key, what=what, ratio=ratio: learned.observed(
                    key,
                    estimated_seconds=100,
                    seconds=100 * ratio if what == "t" else 0,
                    estimated_bytes=GB,
                    work_bytes=round(GB * ratio) if what == "p" else 0,
                )
            )
    lessons.flush()
    text = json.loads(path.read_text(encoding="utf-8")) if steps else as_json(Learned())
    assert as_json(Lessons(path).learned) == text
    assert not list(path.parent.glob("*unreadable*"))


def test_how_far_estimates_were_off_is_said_once_enough_was_measured() -> None:
    few = Calibration(samples=9, median=0.1, ninety=0.2)
    assert few.words("time") == ""
    assert replace(few, samples=10).words("time") == (
        "Estimates of time were off by 10% in the middle, by up to 20% in nine of ten (10 measured)."
    )
