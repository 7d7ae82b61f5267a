"""The composition root: what it hands to the planner."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.budget import Limits
from movie_director.core.downgrades import downgrades
from movie_director.core.executor import Health, Want
from movie_director.core.footprints import own_footprints_path
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.learning import Key, keys_of
from movie_director.core.learning_file import Lessons
from movie_director.core.service_state import State, Watched
from movie_director.core.step import SPEECH, Device, DeviceId, Fidelity, ModelId, Option
from movie_director.core.store import Store
from movie_director.core.worker_watch import Seen
from movie_director.node_types import catalogue
from movie_director.studio import Studio

from tests.fakes import FakeExecutor, finish, program, step

CLIP_L = ModelId("clip-l/fp16")


@pytest.fixture
def studio() -> Studio:
    return Studio(catalogue(), {"fake": FakeExecutor()})


def film(*models: ModelId):
    """One step whose only way needs these models."""
    way = Option(executor="fake", models=frozenset(models), work_bytes=1000, seconds=2.0)
    return program([step("s:clip", options=(way,))])


def test_a_plan_knows_the_size_of_every_model_it_loads(studio, tmp_path: pathlib.Path) -> None:
    plan = studio.plan(film(CLIP_L), Store(tmp_path))
    assert plan.stages[0].peak_bytes == 246_144_152 + 1000


def test_a_size_the_user_gave_is_the_one_that_counts(studio, tmp_path: pathlib.Path) -> None:
    path = own_footprints_path()
    path.parent.mkdir(parents=True)
    path.write_text(
        "schema: movie-director/footprints@1\nbytes: {clip-l/fp16: 5000}\n", encoding="utf-8"
    )
    plan = studio.plan(film(CLIP_L), Store(tmp_path))
    assert plan.stages[0].peak_bytes == 6000


def test_a_film_without_models_reads_no_footprints(studio, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("movie_director.studio.known_footprints", None)
    assert studio.plan(film(), Store(tmp_path)).stages[0].peak_bytes == 1000


def test_what_was_learned_in_one_project_helps_the_next(studio, tmp_path: pathlib.Path) -> None:
    for _ in range(3):
        studio.lessons.change(
            lambda learned: learned.observed(
                Key(machine="fake", subject="fake:clip"), estimated_seconds=1, seconds=4
            )
        )
    assert studio.plan(film(), Store(tmp_path / "another")).seconds == pytest.approx(8.0)


class WithCard(FakeExecutor):
    """Works on a GPU of 24 GiB with two models; the larger way needs 16 GiB to work in."""

    def devices(self) -> tuple[Device, ...]:
        return (Device(id=DeviceId("fake"), gpu="RTX", budget_bytes=24 * 2**30),)

    def offer(self, want: Want) -> tuple[Option, ...]:
        models = frozenset({ModelId("clip-l/fp16")})
        return (
            self.option(models=models, work_bytes=16 * 2**30, seconds=10.0),
            self.option(
                models=models, work_bytes=4 * 2**30, seconds=10.0, fidelity=Fidelity.FP8,
                note="fp8 instead of fp16, 12.0 GiB less",
            ),
        )  # fmt: skip


def one_shot(**project: float) -> Graph:
    return Graph(
        nodes=(
            Node(id="project", type="project", params=project),
            Node(id="shot", type="shot", params={"action": "A cup."}),
            Node(id="seq", type="sequence", params={}),
            Node(id="out", type="output", params={}),
        ),
        links=(
            Link(source=("project", "project"), target=("out", "project")),
            Link(source=("shot", "shot"), target=("seq", "shots")),
            Link(source=("seq", "sequence"), target=("out", "sequence")),
        ),
    )


@pytest.mark.parametrize(
    ("project", "vram", "budget", "given_up"),
    [
        ({}, None, round(24 * 2**30 * 0.95), False),
        ({"vram_limit": 8.0}, None, 8 * 2**30, True),
        ({"vram_limit": 20.0}, 6 * 2**30, 6 * 2**30, True),
        ({"vram_margin": 50.0}, None, 12 * 2**30, True),
    ],
)
def test_the_projects_memory_limit_and_margin_are_kept(
    tmp_path: pathlib.Path, project: dict[str, float], vram: int | None, budget: int, given_up: bool
) -> None:
    graph = one_shot(**project)
    with Studio(catalogue(), {"fake": WithCard()}) as studio:
        program = studio.compile(graph, tmp_path)
        store = studio.store(graph, tmp_path / "film")
        planned = studio.plan(program, store, vram_bytes=vram, limits=studio.limits(graph))
    assert planned.devices[DeviceId("fake")].budget_bytes == pytest.approx(budget, abs=1)
    assert planned.peak_bytes <= budget
    assert bool(downgrades(planned)) is given_up
    assert "fake: 24 GiB card, as its service says" in planned.explain()


def test_what_this_machine_taught_is_planned_with_and_gives_the_time_its_range(
    tmp_path: pathlib.Path,
) -> None:
    graph = one_shot()
    with Studio(catalogue(), {"fake": WithCard()}) as studio:
        studio.lessons = Lessons(tmp_path / "estimates.json")
        program = studio.compile(graph, tmp_path)
        store = studio.store(graph, tmp_path / "film")
        before = studio.plan(program, store)
        for placed in before.to_do:
            for key in keys_of("fake", placed.step, placed.option):
                for _ in range(3):
                    studio.lessons.change(
                        lambda all, key=key: all.observed(key, estimated_seconds=1, seconds=3)  # type: ignore[misc]
                    )
        after = studio.plan(program, store)
    assert before.figures.seconds_range == pytest.approx((before.seconds / 2, before.seconds * 2))
    loading = before.seconds - 10 * len(before.to_do)
    assert after.seconds == pytest.approx(30 * len(after.to_do) + loading)
    assert after.figures.seconds_range == pytest.approx((after.seconds, after.seconds))
    assert {placed.option.seconds for placed in after.to_do} == {10.0}  # as it was offered


def seen_with(health: Health) -> Seen:
    service = FakeExecutor().services()[0]
    place = Watched(address="http://127.0.0.1:1", state=State.READY, service=service, health=health)
    return Seen(places={place.address: place})


def test_what_a_run_left_loaded_is_known_to_the_next_plan(studio, tmp_path: pathlib.Path) -> None:
    first = studio.plan(film(CLIP_L), Store(tmp_path / "one"))
    assert first.figures.loads == 1
    run = studio.run(first, Store(tmp_path / "one"))
    run.start()
    finish(run)
    assert run.close()
    assert studio.plan(film(CLIP_L), Store(tmp_path / "two")).figures.loads == 0
    # As long as its service is there.
    studio.services = ()
    assert studio._loaded() == {}


def test_what_a_service_says_it_holds_is_believed(studio, tmp_path: pathlib.Path) -> None:
    studio.seen = seen_with(Health(loaded=frozenset({"clip_l.safetensors", "a stranger"})))
    assert studio.plan(film(CLIP_L), Store(tmp_path)).figures.loads == 0


def test_models_of_ours_are_no_other_programs_memory(studio) -> None:
    card = Device(
        id=DeviceId("fake"), budget_bytes=2**30, gpu="cuda:0 Card", free_bytes=2**30 - 300_000_000
    )
    studio.devices = (card,)
    heavy = [step("s:clip", options=(Option(executor="fake", work_bytes=1),))]
    (before,), budgets = studio._budgeted(None, Limits(), heavy)
    assert budgets[card.id].others_bytes == 300_000_000
    studio.seen = seen_with(Health(loaded=frozenset({"clip_l.safetensors"})))
    (after,), budgets = studio._budgeted(None, Limits(), heavy)
    assert budgets[card.id].others_bytes == 300_000_000 - 246_144_152
    assert after.budget_bytes > before.budget_bytes


def test_a_queue_counts_until_a_run_of_ours_makes_it(studio, tmp_path: pathlib.Path) -> None:
    studio.seen = seen_with(Health(waiting=3))
    plan = studio.plan(film(), Store(tmp_path))
    assert plan.seconds == 8.0
    studio.run(plan, Store(tmp_path))
    assert studio.plan(film(), Store(tmp_path)).seconds == 2.0


def test_a_draft_is_spoken_by_the_built_in_voice_alone_so_that_nobody_has_two() -> None:
    def asked(quality: str) -> Want:
        return Want(kind=SPEECH, quality=quality, width=64, height=64, fps=12.0, seconds=2.0)

    with Studio.open() as opened:
        draft = {option.executor for option in opened.offer(asked("draft"))}
        standard = {option.executor for option in opened.offer(asked("standard"))}
    assert draft == {"animatic"}
    assert standard > {"animatic", "openai_speech"}
