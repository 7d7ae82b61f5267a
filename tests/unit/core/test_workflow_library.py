"""Which workflow does a piece of work, and why; the user's own beside the shipped ones."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.errors import InputError
from movie_director.core.workflow_library import (
    Capabilities,
    WorkflowLibrary,
    shipped_workflows,
    usable_precisions,
)

from tests.workflow_files import SMALL, written


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path


def library(folder: pathlib.Path) -> WorkflowLibrary:
    return WorkflowLibrary.open(folder)


def variation(tier: str) -> str:
    return SMALL.replace("text_to_image", "character_variation").replace(
        "quality: draft", f"quality: final\ntier: {tier}"
    )


def test_the_nearest_quality_is_chosen_and_the_reason_told(folder: pathlib.Path) -> None:
    found = library(folder).find("music", "final")
    assert found is not None
    assert found.workflow.id == "ace_step_final"
    assert found.reason == "a piece of music from words in final quality; the best of 5"
    assert ("ace_step_draft", "'ace_step_final' fits better") in found.passed_over


def test_choosing_is_the_same_every_time_and_better_beats_worse_at_equal_distance(
    folder: pathlib.Path,
) -> None:
    shown = [each.workflow.id for each in library(folder).ranked("upscale_image", "standard")]
    assert shown == ["upscale_image_final", "upscale_image_draft"]


@pytest.mark.parametrize("tier", ["baseline", "enhanced", "ultimate"])
def test_a_character_s_workflow_is_chosen_by_tier(folder: pathlib.Path, tier: str) -> None:
    found = library(folder).find("character_variation", "final", tier)
    assert found is not None
    assert found.workflow.tier == tier


def test_a_tier_that_cannot_be_had_falls_to_the_next_and_says_so(folder: pathlib.Path) -> None:
    blocked = Capabilities(blocked={"character_lora_z_image": "the server lacks a node"})
    found = library(folder).find("character_variation", "final", "ultimate", blocked)
    assert found is not None
    assert found.workflow.id == "character_enhanced_final"
    assert "tier enhanced, below ultimate" in found.reason
    assert ("character_lora_z_image", "the server lacks a node") in found.passed_over


def test_an_old_server_and_missing_models_are_reasons(folder: pathlib.Path) -> None:
    old = library(folder).find("music", "final", capabilities=Capabilities(version="0.8.0"))
    assert old is not None
    assert dict(old.passed_over)["ace_step_final"] == "it needs version 0.33.0; there is 0.8.0"
    models = frozenset({"ace_step_v1_3.5b.safetensors"})
    bare = library(folder).find("music", "final", capabilities=Capabilities(models=models))
    assert bare is not None
    assert bare.workflow.id == "ace_step_1_standard"
    assert "ace_step_1.5_turbo_aio.safetensors" in dict(bare.passed_over)["ace_step_draft"]
    nothing = Capabilities(models=frozenset())
    assert library(folder).find("music", capabilities=nothing) is None
    assert library(folder).find("speech") is None


def test_the_user_s_own_come_first_among_equals(folder: pathlib.Path) -> None:
    written(folder, variation("ultimate"), "mine.yaml")
    found = library(folder).find("character_variation", "final", "ultimate")
    assert found is not None
    assert (found.workflow.id, found.workflow.own) == ("mine", True)
    assert "your own" in found.reason


def test_a_name_that_is_taken_is_never_taken_silently(folder: pathlib.Path) -> None:
    written(folder, name="test_image.yaml")
    found = library(folder)
    assert not found["test_image"].own
    assert ["called as a shipped workflow" in each.what for each in found.problems] == [True]
    written(folder, SMALL + "replaces: true\n", "test_image.yaml")
    assert library(folder)["test_image"].own


def test_a_broken_file_takes_no_other_with_it(folder: pathlib.Path) -> None:
    written(folder, "schema: nothing\n", "broken.yaml")
    written(folder)
    found = library(folder)
    assert found["small"].own
    assert len(found.workflows) == len(shipped_workflows()) + 1
    with pytest.raises(InputError, match=r"broken\.yaml"):
        found["broken"]
    with pytest.raises(InputError, match="There is no workflow 'absent'"):
        found["absent"]


def test_a_precision_that_an_old_server_cannot_load_is_not_usable(folder: pathlib.Path) -> None:
    workflow = library(folder)["qwen_edit_final"]
    old, new = Capabilities(version="0.8.0"), Capabilities(version="0.33.1")
    assert [each.name for each in usable_precisions(workflow, old)] == ["bf16", "fp8"]
    assert [each.name for each in usable_precisions(workflow, new)] == ["bf16", "fp8", "int8"]
