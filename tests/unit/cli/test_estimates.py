"""``movie-director estimates``: shows and forgets what was learned."""

from __future__ import annotations

import json
import pathlib

import pytest
from movie_director.cli import main
from movie_director.core.learning import Key
from movie_director.core.learning_file import Lessons

WAN = Key(machine="RTX 4090", subject="wan2.2-i2v-14b-high", precision="fp8", size="≤64 MPf")
FLUX = Key(machine="RTX 4090", subject="flux1-dev", precision="q8")


@pytest.fixture
def lessons(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Lessons:
    """Two lessons, kept where the command looks."""
    monkeypatch.setattr(
        "movie_director.core.learning_file.user_data_folder", lambda: tmp_path / "data"
    )
    lessons = Lessons()
    for _ in range(3):
        lessons.change(
            lambda learned: learned.observed(
                WAN, estimated_seconds=10, seconds=15, estimated_bytes=100, work_bytes=120
            )
        )
    lessons.change(lambda learned: learned.ran_out(FLUX))
    lessons.flush()
    return lessons


def test_what_was_learned_is_shown(lessons: Lessons, capsys) -> None:
    assert main(["estimates"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "RTX 4090: flux1-dev q8: time ×1.00 (0), memory ×1.25 (0), ran out of memory",
        "RTX 4090: wan2.2-i2v-14b-high fp8 ≤64 MPf: time ×1.50 (3), memory ×1.20 (3)",
        "time: plans were off by 31% in the middle, by up to 46% in nine of ten, 3 in all",
        "memory: plans were off by 20% in the middle, by up to 20% in nine of ten, 3 in all",
        f"kept in {lessons.path}, on this machine alone",
    ]


def test_a_program_gets_it_as_json(lessons: Lessons, capsys) -> None:
    assert main(["estimates", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "movie-director/estimates@1"
    assert [lesson["subject"] for lesson in told["lessons"]] == [WAN.subject, FLUX.subject]
    assert told["bytes_error"] == {
        "samples": 3, "median": pytest.approx(0.2), "ninety": pytest.approx(0.2),
    }  # fmt: skip


def test_one_name_is_forgotten(lessons: Lessons, capsys) -> None:
    assert main(["estimates", "--reset", "flux"]) == 0
    assert capsys.readouterr().out == "1 lesson forgotten\n"
    assert list(Lessons().learned.lessons) == [WAN]


def test_everything_is_forgotten(lessons: Lessons, capsys) -> None:
    assert main(["estimates", "--reset", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["forgotten"] == 2
    assert main(["estimates"]) == 0
    assert capsys.readouterr().out.startswith("nothing was learned yet")
