"""A real keyring for tests: the library's own way to another backend, whose passwords lie in a folder."""

from __future__ import annotations

import json
import os
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

BACKEND = pathlib.Path(__file__).resolve().parent / "data" / "keyring"

needs_keyring = pytest.mark.skipif(
    not (os.environ.get("MOVIE_DIRECTOR_HELPER") and sys.platform == "linux"),
    reason="MOVIE_DIRECTOR_HELPER names no Python with the helper's libraries",
)


@dataclass(frozen=True)
class FileKeyring:
    """The folder of the keyring."""

    folder: pathlib.Path

    def behave(self, manner: str) -> None:
        """How it answers from now on: "" well, else as the backend says."""
        fresh = self.folder / "manner.fresh"
        fresh.write_text(manner)
        fresh.replace(self.folder / "manner.txt")

    @property
    def asked(self) -> list[str]:
        file = self.folder / "asked.txt"
        return file.read_text().splitlines() if file.is_file() else []

    @property
    def kept(self) -> dict[str, str]:
        file = self.folder / "passwords.json"
        return json.loads(file.read_text()) if file.is_file() else {}


@pytest.fixture
def keyring(tmp_path_factory, monkeypatch) -> Iterator[FileKeyring]:
    folder = tmp_path_factory.mktemp("keyring")
    (folder / "python_keyring").mkdir()
    chosen = f"[backend]\ndefault-keyring=file_keyring.Keyring\nkeyring-path={BACKEND}\n"
    (folder / "python_keyring" / "keyringrc.cfg").write_text(chosen)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("TEST_KEYRING_FOLDER", str(folder))
    made = FileKeyring(folder)
    yield made
    made.behave("")  # what still hangs ends
