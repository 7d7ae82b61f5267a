"""The composition root: what it hands to the planner."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.footprints import own_footprints_path
from movie_director.core.learning import Key
from movie_director.core.step import ModelId, Option
from movie_director.core.store import Store
from movie_director.node_types import catalogue
from movie_director.studio import Studio

from tests.fakes import FakeExecutor, program, step

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
