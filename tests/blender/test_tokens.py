"""A token typed in Blender reaches the keyring, and nothing that Blender keeps."""

from __future__ import annotations

import pathlib
import sys
import time

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.timeout(180)]
bpy = pytest.importorskip("bpy")

from movie_director.core.address import parse_address  # noqa: E402
from movie_director.core.worker_watch import Seen  # noqa: E402
from movie_director.executors._keyring import Keyring  # noqa: E402

from tests.keyrings import FileKeyring, keyring, needs_keyring  # noqa: E402

__all__ = ["keyring"]

WHERE = "http://127.0.0.1:8188"
TOKEN = "sk-very-secret-token-42"
#: Longer than any machine here needs to start a helper process.
LONG_S = 60.0


@pytest.fixture
def tokens(blender):
    from movie_director.md_nodes import services, session, tokens

    services.take(Seen(places={}))
    yield tokens
    tokens.unregister()
    session.close()


def told(tokens) -> str:
    """What is said once the keyring is done."""
    from movie_director.md_nodes import services

    deadline = time.monotonic() + LONG_S
    while tokens._keeping:
        assert time.monotonic() < deadline, "the keyring is still being asked"
        tokens.tick()
        time.sleep(0.02)
    return services.news().what


def give(token: str = TOKEN):
    return bpy.ops.movie_director.service_token(address=WHERE, token=token)


@needs_keyring
def test_it_is_kept_without_blender_waiting(tokens, keyring: FileKeyring, tmp_path) -> None:
    from movie_director.md_nodes import session

    session.studio()  # opening it takes its time, and has nothing to do with the keyring
    keyring.behave("hanging")
    began = time.monotonic()
    assert give() == {"FINISHED"}
    tokens.tick()
    waited = time.monotonic() - began
    assert tokens._keeping, "the keyring still hangs"
    assert waited < 5.0
    keyring.behave("")
    assert told(tokens) == f"The token for {WHERE} lies in the system's keyring."
    address = parse_address(WHERE)
    assert Keyring().headers(address) == {"Authorization": f"Bearer {TOKEN}"}
    blend = tmp_path / "film.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), compress=False)
    assert TOKEN.encode() not in blend.read_bytes()
    manager = bpy.context.window_manager
    assert manager.operator_properties_last("movie_director.service_token").token == ""
    assert len(manager.operators) == 0


@needs_keyring
def test_a_keyring_that_is_locked_is_told(tokens, keyring: FileKeyring, caplog) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", "movie_director")
    keyring.behave("locked")
    assert give() == {"FINISHED"}
    assert "is locked" in told(tokens)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("token", "why"), [(TOKEN, "services install libraries"), ("a\nb", "neither")]
)
def test_what_cannot_be_kept_is_refused_at_once(tokens, monkeypatch, token: str, why: str) -> None:
    monkeypatch.setenv("MOVIE_DIRECTOR_HELPER", str(pathlib.Path("/no/such/python")))
    with pytest.raises(RuntimeError, match=why) as caught:
        give(token)
    assert TOKEN not in str(caught.value)
    assert not tokens._keeping


def test_nothing_is_no_token(tokens) -> None:
    assert give(" ") == {"CANCELLED"}
    assert "keyring" not in sys.modules
