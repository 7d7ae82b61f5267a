"""Every model that a shipped workflow or an official template names has a footprint."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pathlib
import sys
from types import ModuleType

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader(
        "footprint_gaps", str(ROOT / "tools" / "footprint_gaps")
    )
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


def test_the_shipped_workflows_name_no_model_without_a_footprint(tool) -> None:
    assert tool.gaps(tool.named_by_workflows(ROOT / "workflows")) == {}


def test_the_official_templates_name_no_model_without_a_footprint(tool) -> None:
    named = list(tool.named_by_templates())
    assert len({name for name, _ in named}) > 250
    assert tool.gaps(iter(named)) == {}


def test_a_gap_is_found(tool, tmp_path) -> None:
    (tmp_path / "shot.yaml").write_text(
        "models:\n  - wan2.1-vae/fp16\n  - nothing-here/fp8\nfile: other_model.safetensors\n"
        "fine: models/vae/wan_2.1_vae.safetensors\n",
        encoding="utf-8",
    )
    found = tool.gaps(tool.named_by_workflows(tmp_path))
    assert found == {"nothing-here/fp8": {"shot"}, "other_model.safetensors": {"shot"}}
