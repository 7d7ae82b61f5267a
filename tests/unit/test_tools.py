"""The project's own tools: what they accept, and what they say when something is wrong."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile
from types import ModuleType

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"


def tool(name: str) -> ModuleType:
    """A tool as a module: they are scripts without a suffix."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(TOOLS / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


# --- find-python ------------------------------------------------------------------


def command(folder: pathlib.Path, name: str, body: str) -> None:
    """A program on a planted PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def python(folder: pathlib.Path, name: str, version: str) -> None:
    """A stand-in for a Python of some version."""
    command(folder, name, f"echo {version}; echo {folder / name}")


def found(folder: pathlib.Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["/bin/sh", str(TOOLS / "find-python"), *arguments],
        env={"PATH": f"{folder}:/usr/bin/nowhere:{shims(folder)}", "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.strip()


def shims(folder: pathlib.Path) -> pathlib.Path:
    """A folder with the few programs the script itself uses."""
    place = folder / "system"
    place.mkdir(exist_ok=True)
    for name in ("sed", "sh"):
        where = shutil.which(name)
        assert where is not None
        if not (place / name).exists():
            (place / name).symlink_to(where)
    return place


posix = pytest.mark.skipif(os.name != "posix", reason="plants shell scripts on PATH")


@posix
def test_the_machines_python3_comes_first(tmp_path: pathlib.Path) -> None:
    python(tmp_path, "python3", "3.11")
    python(tmp_path, "python3.13", "3.13")
    assert found(tmp_path) == (0, str(tmp_path / "python3"))


@posix
def test_a_python_blender_is_not_built_for_is_passed_over(tmp_path: pathlib.Path) -> None:
    python(tmp_path, "python3", "3.12")
    python(tmp_path, "python3.11", "3.11")
    assert found(tmp_path) == (0, str(tmp_path / "python3.11"))
    assert found(tmp_path, "--any", "python3") == (1, "")


@posix
def test_a_shim_of_a_version_that_is_not_installed_is_passed_over(tmp_path: pathlib.Path) -> None:
    command(tmp_path, "python3.13", "echo not installed >&2; exit 127")
    (tmp_path / ".pyenv/versions/3.13.0/bin").mkdir(parents=True)
    python(tmp_path / ".pyenv/versions/3.13.0/bin", "python3", "3.13")
    expected = str(tmp_path / ".pyenv/versions/3.13.0/bin/python3")
    assert found(tmp_path, "3.13") == (0, expected)


@posix
def test_a_machine_without_a_fitting_python_is_told_so(tmp_path: pathlib.Path) -> None:
    assert found(tmp_path) == (1, "")


# --- check-blender ------------------------------------------------------------------


def blender_said(
    tmp_path: pathlib.Path, bpy: str, capsys: pytest.CaptureFixture[str], monkeypatch
) -> tuple[int, str]:
    """What the check says of a planted ``bpy`` module."""
    (tmp_path / "bpy.py").write_text(bpy, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tool("check-blender").main(), capsys.readouterr().err


def test_a_missing_system_library_is_named_with_its_remedy(tmp_path, capsys, monkeypatch) -> None:
    error = "libX11.so.6: cannot open shared object file: No such file or directory"
    code, said = blender_said(tmp_path, f"raise ImportError({error!r})", capsys, monkeypatch)
    assert code == 1
    assert said.startswith("Blender's module needs libX11.so.6")
    assert "apt-get install libx11-6" in said
    assert "Traceback" not in said


def test_a_module_that_crashes_while_loading_is_reported(tmp_path, capsys, monkeypatch) -> None:
    code, said = blender_said(tmp_path, "import os; os._exit(139)", capsys, monkeypatch)
    assert (code, said) == (1, "Blender's module does not load here: exit status 139\n")


def test_a_module_that_loads_is_passed_in_silence(tmp_path, capsys, monkeypatch) -> None:
    assert blender_said(tmp_path, "", capsys, monkeypatch) == (0, "")


# --- build_extension ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import movie_director", True),
        ("from movie_director.core import graph", True),
        ("def f():\n    import movie_director.api as api", True),
        ("from .core import graph", False),
        ("import movie_director_extras", False),
    ],
)
def test_an_absolute_import_of_the_package_is_found(source: str, expected: bool) -> None:
    assert tool("build_extension").imports_itself(source.encode()) is expected


def wheel(folder: pathlib.Path, name: str, *requires: str) -> pathlib.Path:
    """A planted wheel that requires other distributions."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    lines = [f"Name: {name}", *(f"Requires-Dist: {need}" for need in requires)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n")
    return path


def test_a_wheel_that_needs_what_the_zip_lacks_is_refused(tmp_path: pathlib.Path) -> None:
    build = tool("build_extension")
    needy = wheel(tmp_path, "needy", "numpy>=1", "other>2", "docs; extra == 'docs'")
    with pytest.raises(build.BuildError, match=r"needs \['other'\]"):
        build.check_wheels([needy], frozenset({"needy"}))
    build.check_wheels([needy, wheel(tmp_path, "other")], frozenset({"needy", "other"}))


def test_a_missing_wheel_is_refused(tmp_path: pathlib.Path) -> None:
    build = tool("build_extension")
    with pytest.raises(build.BuildError, match="Wanted wheels"):
        build.check_wheels([wheel(tmp_path, "one")], frozenset({"one", "two"}))


def test_every_wheel_of_the_zip_is_pinned_and_numpy_is_not_among_them() -> None:
    pins = tool("build_extension").runtime_pins()
    assert {"av", "freetype-py", "espeakng-loader", "pydyf"} <= pins.keys()
    assert pins.keys().isdisjoint({"numpy", "requests", "bpy", "pytest"})
    assert all("--hash=sha256:" in pin for pin in pins.values())


def test_what_a_zip_is_made_of_holds_no_tests_and_nothing_hidden() -> None:
    build = tool("build_extension")
    files = [path.relative_to(build.ROOT) for path in build.product_files()]
    tops = {path.parts[0] for path in files}
    assert {"core", "md_nodes", "__init__.py", "blender_manifest.toml", "LICENSE"} <= tops
    assert tops.isdisjoint({"tests", "docs", "bench", "tools", "build", "requirements"})
    assert [path for path in files if any(part.startswith(".") for part in path.parts)] == []


# --- bench ---------------------------------------------------------------------------


def test_a_benchmark_that_misses_its_limit_fails_and_is_still_gathered(
    tmp_path: pathlib.Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = tool("bench")
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "material.py").write_text("TEXT = 1\n", encoding="utf-8")
    for name, status in (("good", 0), ("slow", 1)):
        source = f"""
import pathlib, sys

def main():
    pathlib.Path(sys.argv[2]).write_text('{{"ratio": {status}}}')
    sys.exit({status})

main()
"""
        (tmp_path / "bench" / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "OUT", tmp_path / "build" / "bench")
    monkeypatch.setattr(sys, "argv", ["bench", "--quick"])
    assert bench.main() == 1
    assert "nothing was measured: slow" in capsys.readouterr().err
    gathered = json.loads((tmp_path / "build" / "bench-quick.json").read_text(encoding="utf-8"))
    assert gathered == {"good": {"ratio": 0}, "slow": {"ratio": 1}}


def test_a_benchmark_nobody_wrote_is_refused() -> None:
    with pytest.raises(SystemExit, match="No such benchmark: nothing"):
        tool("bench").programs(["nothing"])


# --- window-test --------------------------------------------------------------------


def judged(out: pathlib.Path, code: int, said: str, result: dict[str, object] | None) -> str:
    if result is not None:
        (out / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return "\n".join(tool("window-test").judge(out, code, said))


WELL = {"passed": True, "error": ""}


def test_a_good_play_is_judged_good(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, 0, "00:00.2 system.path | WARNING odd\nBlender quit\n", WELL) == ""


def test_a_play_that_never_ends_is_found(tmp_path: pathlib.Path) -> None:
    assert "never ended (exit status 137)" in judged(tmp_path, 137, "", None)


def test_a_scenario_that_fails_says_why(tmp_path: pathlib.Path) -> None:
    failed = {"passed": False, "error": "Not so: the film is there"}
    assert judged(tmp_path, 0, "", failed) == "Not so: the film is there"


def test_an_exit_status_a_python_error_and_a_crash_report_are_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "blender.crash.txt").write_text("x", encoding="utf-8")
    said = judged(tmp_path, 11, "Traceback (most recent call last):", WELL)
    assert "exit status 11" in said
    assert "Blender complained" in said
    assert "a crash report" in said
