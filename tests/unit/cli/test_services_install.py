"""``movie-director services install``: shown, run on a yes, never twice, never by a shell."""

from __future__ import annotations

import io
import json
import pathlib
import shutil
import socket
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from movie_director.cli import main
from movie_director.cli.commands import RealCommands, shown
from movie_director.cli.verb import DONE, FAILED, INTERRUPTED
from movie_director.cli.verbs import services_install
from movie_director.core import helper_environment
from movie_director.core.errors import InputError
from movie_director.core.installation import (
    GPUS,
    SYSTEMS,
    Machine,
    installations,
    read_installation,
    this_system,
)

KNOWN = installations()


class Noted:
    """Commands that are only noted; ``lacks`` are programs that are not there."""

    def __init__(self, *lacks: str, fails: str = "") -> None:
        self.lacks = set(lacks)
        self.fails = fails
        self.ran: list[tuple[str, ...]] = []
        self.started: list[tuple[str, ...]] = []
        #: Programs that are there and do not run.
        self.dead: set[str] = set()
        self.stops_in = ""
        self.taken = ""

    def find(self, name: str) -> str | None:
        return None if name in self.lacks else f"/bin/{name}"

    def answers(self, words: Sequence[str]) -> bool:
        return words[0] not in self.dead

    def listens(self, address: str) -> bool:
        return address == self.taken

    def run(self, words: Sequence[str], folder: pathlib.Path, log: pathlib.Path) -> int:
        assert folder.is_dir()
        assert log.parent.is_dir()
        self.ran.append(tuple(words))
        if self.fails and self.fails in words:
            return 3
        if self.stops_in and self.stops_in in words:
            (pathlib.Path(words[-1])).mkdir(parents=True, exist_ok=True)
            (pathlib.Path(words[-1]) / "main.py").touch()
            raise KeyboardInterrupt
        if words[1] == "clone":  # what it would leave behind
            target = pathlib.Path(words[-1])
            target.mkdir(parents=True)
            (target / "main.py").touch()
        if "venv" in words:
            python = pathlib.Path(words[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()
        return 0

    def start(self, words: Sequence[str], folder: pathlib.Path, log: pathlib.Path) -> int:
        self.started.append(tuple(words))
        return 42


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Noted:
    commands = Noted("rocminfo")
    monkeypatch.setattr(services_install, "RealCommands", lambda: commands)
    monkeypatch.setattr(services_install, "this_system", lambda: "linux")
    return commands


def install(*words: str) -> int:
    return main(["services", "install", *words])


def typed(monkeypatch: pytest.MonkeyPatch, text: str, *, terminal: bool = True) -> None:
    answer = io.StringIO(text)
    answer.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", answer)


def test_without_a_name_it_lists_what_can_be_installed(noted, capsys) -> None:
    assert install() == DONE
    said = capsys.readouterr().out
    for name in (
        "comfyui",
        "wan2gp",
        "rvc_page",
        "applio",
        "ace_step",
        "kokoro",
        "litellm",
        "ollama",
    ):
        assert f"{name}: " in said


def test_a_dry_run_shows_every_command_and_runs_none(noted, tmp_path, capsys) -> None:
    folder = str(tmp_path / "comfy")
    assert install("comfyui", "--dry-run", "--folder", folder) == DONE
    said = capsys.readouterr().out
    assert f"git clone https://github.com/comfyanonymous/ComfyUI.git {folder}" in said
    assert "--listen 127.0.0.1 --port 8188" in said
    assert noted.ran == noted.started == []
    assert list(tmp_path.iterdir()) == []


def test_a_yes_runs_the_steps_in_order_and_starts_it(noted, tmp_path, monkeypatch, capsys) -> None:
    typed(monkeypatch, "yes\n")
    folder = tmp_path / "comfy"
    assert install("comfyui", "--folder", str(folder)) == DONE
    python = str(folder / "venv" / "bin" / "python")
    assert [words[:4] for words in noted.ran] == [
        ("git", "clone", "https://github.com/comfyanonymous/ComfyUI.git", f"{folder}.part"),
        ("/bin/python3.12", "-m", "venv", str(folder / "venv")),
        ("uv", "pip", "install", "--python"),
        (python, "-m", "pip", "install"),
    ]
    assert noted.ran[2][4:] == (
        python, "--torch-backend", "auto", "torch", "torchvision", "torchaudio",
    )  # fmt: skip
    assert (folder / "main.py").is_file()
    assert not folder.with_name("comfy.part").exists()
    ((first, *_),) = noted.started
    assert first == python
    assert "movie-director services" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "no\n", "yesterday\n", "\n"])
def test_anything_but_yes_runs_nothing(noted, tmp_path, monkeypatch, answer) -> None:
    typed(monkeypatch, answer)
    assert install("comfyui", "--folder", str(tmp_path / "x")) == FAILED
    assert noted.ran == noted.started == []


def test_with_nobody_there_it_needs_a_yes_on_the_command_line(noted, tmp_path, monkeypatch) -> None:
    typed(monkeypatch, "yes\n", terminal=False)
    assert install("comfyui", "--folder", str(tmp_path / "x")) == FAILED
    assert noted.ran == []
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == DONE
    assert len(noted.ran) == 4


def test_what_was_done_is_not_done_again(noted, tmp_path, capsys) -> None:
    for _ in range(2):
        assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == DONE
    assert len(noted.ran) == 4
    assert len(noted.started) == 2
    assert "everything is installed already" in capsys.readouterr().out


def test_after_a_failure_it_goes_on_from_there(noted, tmp_path, capsys) -> None:
    noted.fails = "requirements.txt"
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == FAILED
    assert "exit code 3" in capsys.readouterr().err
    assert noted.started == []
    noted.fails, noted.ran = "", []
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == DONE
    assert [words[-1] for words in noted.ran] == ["requirements.txt"]


def test_a_clone_that_was_broken_off_is_made_anew(noted, tmp_path, capsys) -> None:
    noted.stops_in = "clone"
    folder = tmp_path / "x"
    assert install("comfyui", "--folder", str(folder), "--yes") == INTERRUPTED
    said = capsys.readouterr().err
    assert "Stopped in the step 'fetch ComfyUI'" in said
    assert "x-movie-director-install.log" in said
    assert not folder.exists(), "half a clone would count as a whole one"
    noted.stops_in, noted.ran = "", []
    assert install("comfyui", "--folder", str(folder), "--yes") == DONE
    assert len(noted.ran) == 4


def test_an_environment_that_was_broken_off_is_made_anew(noted, tmp_path) -> None:
    noted.stops_in = "venv"
    folder = tmp_path / "x"
    assert install("comfyui", "--folder", str(folder), "--yes") == INTERRUPTED
    python = folder / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()  # there before the pip that is to come with it
    noted.stops_in, noted.ran = "", []
    assert install("comfyui", "--folder", str(folder), "--yes") == DONE
    assert [words[1] for words in noted.ran] == ["-m", "pip", "-m"]


def test_an_environment_that_was_taken_away_is_made_again(noted, tmp_path) -> None:
    folder = tmp_path / "x"
    assert install("comfyui", "--folder", str(folder), "--yes") == DONE
    (folder / "venv" / "bin" / "python").unlink()
    noted.ran = []
    assert install("comfyui", "--folder", str(folder), "--yes") == DONE
    assert noted.ran[0][1:3] == ("-m", "venv")


def test_a_folder_with_something_else_in_it_is_left_alone(noted, tmp_path, capsys) -> None:
    (tmp_path / "film.blend").touch()
    assert install("comfyui", "--folder", str(tmp_path), "--yes") != DONE
    assert "holds something else than ComfyUI" in capsys.readouterr().err
    assert noted.ran == []
    assert (tmp_path / "film.blend").exists()


def test_what_a_script_left_half_made_is_taken_away_before_it_runs_again(noted, tmp_path) -> None:
    noted.fails = "run-install.sh"
    folder = tmp_path / "x"
    assert install("applio", "--folder", str(folder), "--yes") == FAILED
    (folder / "app.py").touch()
    (folder / ".venv").mkdir()
    noted.fails, noted.ran = "", []
    assert install("applio", "--folder", str(folder), "--yes") == DONE
    assert noted.ran == [("bash", "run-install.sh")]
    assert not (folder / ".venv").exists()


def test_what_answers_already_is_not_started_again(noted, tmp_path, capsys) -> None:
    noted.taken = "127.0.0.1:8188"
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == DONE
    assert "answers at 127.0.0.1:8188 already" in capsys.readouterr().out
    assert noted.started == []


def test_libraries_of_other_versions_go_once_the_new_ones_are_there(
    noted, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(helper_environment, "user_data_folder", lambda: tmp_path)
    home = helper_environment.helper_home()
    monkeypatch.setattr(services_install, "helper_home", lambda: home)
    old = home.with_name("3.11-00000000")
    (old / "venv").mkdir(parents=True)
    assert install("libraries", "--dry-run") == DONE
    assert f"removed, if nothing uses them: {old}" in capsys.readouterr().out
    noted.fails = "--require-hashes"
    assert install("libraries", "--yes") == FAILED
    assert old.exists(), "the new ones are not there yet"
    noted.fails = ""
    assert install("libraries", "--yes") == DONE
    assert f"Removed: {old}" in capsys.readouterr().out
    assert not old.exists()


def test_a_failing_step_names_its_log(noted, tmp_path, capsys) -> None:
    noted.fails = "requirements.txt"
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == FAILED
    said = capsys.readouterr().err
    assert "The step 'install what ComfyUI needs' failed" in said
    assert str(tmp_path / "x-movie-director-install.log") in said
    assert "the same command again goes on from there" in said


def test_a_full_disk_is_told_before_anything_runs(noted, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 10**9))
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") != DONE
    said = capsys.readouterr()
    assert "takes about 9 GB, without its models" in said.out
    assert "has 1.0 GB free" in said.err
    assert noted.ran == []


def test_a_python_that_is_named_but_does_not_run_is_passed_over(noted, tmp_path) -> None:
    noted.dead = {"/bin/python3.12", "/bin/python3.13"}
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") == DONE
    assert noted.ran[1][0] == "/bin/python3.11"


def test_programs_that_are_missing_are_named_and_not_installed(
    tmp_path, monkeypatch, capsys
) -> None:
    commands = Noted("git", "rocminfo", "nvidia-smi", "python3.12", "python3.13", "python3.11")
    monkeypatch.setattr(services_install, "RealCommands", lambda: commands)
    monkeypatch.setattr(services_install, "this_system", lambda: "linux")
    assert install("comfyui", "--folder", str(tmp_path / "x"), "--yes") != DONE
    said = capsys.readouterr()
    assert "first, by yourself: git: sudo apt install git" in said.out
    assert "first, by yourself: Python 3.12 or 3.13 or 3.11" in said.out
    assert commands.ran == []


def test_a_folder_with_odd_letters_stays_one_word(noted, tmp_path) -> None:
    odd = tmp_path / 'my $(touch x); `films` & "more"'
    assert install("comfyui", "--folder", str(odd), "--yes") == DONE
    assert noted.ran[0] == (
        "git", "clone", "https://github.com/comfyanonymous/ComfyUI.git", f"{odd}.part",
    )  # fmt: skip


def test_another_systems_steps_are_only_shown(noted, tmp_path, capsys) -> None:
    assert install("kokoro", "--system", "windows", "--dry-run") == DONE
    assert "start-gpu.ps1" in capsys.readouterr().out
    assert install("kokoro", "--system", "windows", "--yes") != DONE
    assert noted.ran == []


def test_wan2gp_is_started_as_a_server_for_programs_and_named(noted, capsys) -> None:
    assert install("wan2gp", "--dry-run") == DONE
    said = capsys.readouterr().out
    assert "wgp.py --mcp --mcp-transport streamable-http --mcp-host 127.0.0.1" in said
    assert "WanGP by DeepBeepMeep" in said
    assert "WanGP Community License 2.0" in said


def test_the_steps_come_as_json_too(noted, tmp_path, capsys) -> None:
    assert install("ace_step", "--dry-run", "--json", "--folder", str(tmp_path / "a")) == DONE
    plan = json.loads(capsys.readouterr().out)
    assert plan["steps"][1] == {
        "do": "install what it needs", "run": ["uv", "sync"], "in": str(tmp_path / "a"),
        "done": False,
    }  # fmt: skip
    assert plan["start"] == [["uv", "run", "acestep-api"]]


def test_an_unknown_name_is_answered_with_those_there_are(noted, capsys) -> None:
    assert install("comfy") != DONE
    assert "comfyui" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("gpu", GPUS)
def test_every_installation_is_whole_where_it_says_it_runs(name, system, gpu, tmp_path) -> None:
    machine = Machine(system=system, gpu=gpu, find=lambda program: f"/bin/{program}")
    known = KNOWN[name]
    if system not in known.systems or gpu not in known.gpus:
        with pytest.raises(InputError, match="does not run on"):
            known.on(machine, tmp_path)
        return
    if (system == "macos") != (gpu == "apple"):
        return  # no such machine that we care for
    mine = known.on(machine, tmp_path)
    assert mine.start or name == "libraries", "nothing starts it"
    for command in (*mine.steps, *mine.start):
        assert not any("{" in word for word in command.run)
        assert command.run[0] not in ("sh", "sudo", "curl")
    pips = [command for command in mine.steps if "torch" in " ".join(command.run)]
    assert len(pips) <= 1, "PyTorch would be installed twice"
    assert mine.missing(machine) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("steps:", "stages:"), "steps"),
        (("- do: fetch ACE-Step", "- what: fetch ACE-Step"), "do"),
        (("needs: [git, uv]", "needs: [git, magic]"), "magic"),
        (("schema: movie-director/installation@1", "schema: other"), "schema"),
        (("run: [uv, sync]", "run: []"), "words"),
        (("run: [uv, sync]", "run: [uv, sync]\n    systems: [beos]"), "linux"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_key(tmp_path, change, why) -> None:
    from movie_director.core.installation import FOLDER

    text = (FOLDER / "ace_step.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_installation(path)
    assert "own.yaml" in caught.value.what
    assert why in str(caught.value)


def test_real_commands_run_words_as_they_are(tmp_path: Any) -> None:
    real = RealCommands()
    script = "import sys; sys.exit(0 if sys.argv[1] == '$(x); y' else 1)"
    kept = tmp_path / "install.log"
    assert real.run([sys.executable, "-c", script, "$(x); y"], tmp_path, kept) == 0
    assert real.run([sys.executable, "-c", "print('half', end='')"], tmp_path, kept) == 0
    assert kept.read_text().endswith("half")
    assert real.answers([sys.executable, "-c", "import venv"])
    assert not real.answers([sys.executable, "-c", "raise SystemExit(127)"])
    assert not real.answers([str(tmp_path / "no such program")])
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert real.listens(address)
    assert not real.listens(address)
    assert real.find("no-such-program-anywhere") is None
    log = tmp_path / "log"
    number = real.start([sys.executable, "-c", "print('up')"], tmp_path, log)
    assert number > 0


def test_commands_are_shown_as_one_would_type_them() -> None:
    assert shown(["a", "b c"], "linux") == "a 'b c'"
    assert shown(["a", "b c"], "windows") == 'a "b c"'
    assert this_system() in SYSTEMS
