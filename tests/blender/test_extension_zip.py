"""The zip people install: built by Blender's tool, installed by it, with all it needs inside."""

from __future__ import annotations

import io
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.blender

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A zip for this system, fresh from the checkout."""
    folder = tmp_path_factory.mktemp("extension")
    command = [sys.executable, str(ROOT / "tools" / "build_extension"), "--output", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.zip")
    return built


@pytest.fixture(scope="module")
def packages(archive: pathlib.Path) -> list[str]:
    """The import packages that the zip's wheels hold."""
    found = set()
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(opened.read(name))) as wheel:
                    found |= {
                        path.split("/")[0]
                        for path in wheel.namelist()
                        if path.endswith("/__init__.py") and path.count("/") == 1
                    }
    return sorted(found)


def test_the_zip_holds_the_product_and_its_wheels_and_nothing_else(archive: pathlib.Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if not name.endswith("/")]
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "md_nodes/__init__.py"} <= set(names)
    unwanted = (
        r"(^|/)(\.|__pycache__)|^(tests|docs|bench|tools|requirements|build)/|\.(pyc|blend\d?)$"
    )
    assert [name for name in names if re.search(unwanted, name)] == []
    wheels = {name.split("/")[1].split("-")[0] for name in names if name.endswith(".whl")}
    assert {"av", "freetype_py", "espeakng_loader"} <= wheels
    assert wheels.isdisjoint({"numpy", "requests", "bpy"})


def test_blender_installs_it_switches_it_off_and_on_and_removes_it_without_a_complaint(
    archive: pathlib.Path, packages: list[str], tmp_path: pathlib.Path
) -> None:
    resources = tmp_path / "resources"
    report = tmp_path / "report.json"
    script = str(ROOT / "tests" / "blender" / "install_zip.py")
    done = subprocess.run(
        [sys.executable, script, str(archive), str(report), *packages],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(resources)},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    complaints = [
        line
        for line in said.splitlines()
        if re.search("error|warning|exception|traceback|violation", line, re.IGNORECASE)
    ]
    assert complaints == [], said
    seen = json.loads(report.read_text(encoding="utf-8"))
    wheels = seen.pop("wheels")
    assert sorted(wheels) == packages
    outside = [path for path in wheels.values() if not path.startswith(str(resources))]
    assert outside == []
    assert seen == {
        "Blender's own": ["numpy", "requests"],
        "installed": True,
        "warnings": [],
        "off before second": True,
        "second": True,
        "off before third": True,
        "third": True,
        "warnings after": [],
        "gone": True,
    }
