# SPDX-License-Identifier: GPL-3.0-or-later
"""A keyring in a folder, for tests: works, or fails in the way that a file there says."""

import json
import os
import pathlib
import sys
import time

import keyring.backend
import keyring.errors

FOLDER = pathlib.Path(os.environ["TEST_KEYRING_FOLDER"])


class Keyring(keyring.backend.KeyringBackend):
    """Keeps passwords in ``passwords.json``; ``manner`` says what goes wrong."""

    priority = 1

    def get_password(self, service, username):
        self._meet(f"get {username}")
        return self._all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self._meet(f"set {username}", password)
        if self._manner() != "forgetful":
            self._write({**self._all(), f"{service} {username}": password})

    def delete_password(self, service, username):
        self._meet(f"delete {username}")
        kept = self._all()
        del kept[f"{service} {username}"]
        self._write(kept)

    def _meet(self, asked, password=""):
        with (FOLDER / "asked.txt").open("a") as file:
            file.write(asked + "\n")
        manner = self._manner()
        for stream in (sys.stdout, sys.stderr):  # one that talks
            stream.write(f"{password} {self._all()}\n")
            stream.flush()
        if manner == "locked":
            raise keyring.errors.KeyringLocked(password, self._all())
        if manner == "broken":
            raise RuntimeError(password, self._all())
        if manner == "dead":
            os._exit(3)
        while self._manner() == "hanging":
            time.sleep(0.02)

    def _manner(self):
        file = FOLDER / "manner.txt"
        return file.read_text() if file.is_file() else ""

    def _all(self):
        file = FOLDER / "passwords.json"
        return json.loads(file.read_text()) if file.is_file() else {}

    def _write(self, kept):
        (FOLDER / "passwords.json").write_text(json.dumps(kept))
