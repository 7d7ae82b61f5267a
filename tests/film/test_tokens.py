"""A film made by a server that wants a token: it gets it from the keyring, and nobody else sees it."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest
from movie_director import api
from movie_director.core import service_file
from movie_director.core.address import parse_address
from movie_director.executors import _keyring
from movie_director.executors._finding import OFF
from movie_director.executors._keyring import Keyring
from movie_director.executors._service import Served
from movie_director.executors.comfyui import ComfyUI

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers.misbehaving import Line, Manner, Request, answer
from servers.speech import SpeechServer

from tests.film.test_voices import film
from tests.keyrings import FileKeyring, keyring, needs_keyring

__all__ = ["keyring"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TOKEN = "sk-very-secret-token-42"
#: Longer than any machine here needs to start a helper process.
LONG_S = 60.0


def guarded(then: Manner) -> Manner:
    """Only with the token; who has another one is shown what came."""

    def manner(request: Request, line: Line) -> None:
        let_in = request.headers.get("authorization") == f"Bearer {TOKEN}"
        (then if let_in else answer(str(request.headers).encode(), 401))(request, line)

    return manner


class GuardedSpeech(SpeechServer):
    """Speech for those who have the token."""

    def on(self, path: str, *manners: Manner) -> None:
        super().on(path, *map(guarded, manners))


@needs_keyring
def test_the_film_is_spoken_and_the_token_lies_in_none_of_its_files(
    keyring: FileKeyring, monkeypatch, tmp_path, caplog
) -> None:
    monkeypatch.delenv(OFF, raising=False)
    monkeypatch.setattr(_keyring, "_ANSWER_S", LONG_S)
    monkeypatch.setattr(_keyring, "_KEEP_S", LONG_S)
    for kind in (Served, ComfyUI):  # what happens to run on this machine makes no film here
        monkeypatch.setattr(kind, "addresses", lambda self: ())
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", "movie_director")
    with GuardedSpeech() as server:
        service_file.change(lambda known: known.with_place(server.url))
        assert Keyring().keep(parse_address(server.url), TOKEN).done(LONG_S)
        result = api.evaluate(film(), tmp_path, base=tmp_path)
        assert result.ok, result.errors
        assert len(server.said) == 3
    assert TOKEN not in caplog.text
    homes = (tmp_path, pathlib.Path(os.environ["XDG_DATA_HOME"]))
    files = [path for home in homes for path in home.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []
