"""A whole film, every process of it listened to: it speaks to this machine and to nobody else."""

from __future__ import annotations

import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

SCRIPT = """Title: Two Cups

INT. KITCHEN - DAY

Anna puts down two cups.

ANNA
He is not coming.
"""
#: Runs at the start of every Python process: each says that it lives, and whom it speaks to.
LISTENER = """
import json, os, sys

def hear(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        said = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        said = arguments[0]
    else:
        return
    place = said[0] if isinstance(said, tuple) else said
    tell("speaks", place.decode() if isinstance(place, bytes) else place)

def tell(what, place, path=os.environ["TEST_HEARD"]):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps([os.getpid(), what, str(place)]) + "\\n")

tell("lives", "")
sys.addaudithook(hear)
"""


@pytest.mark.slow
def test_a_film_speaks_to_nobody_beyond_this_machine(tmp_path: pathlib.Path) -> None:
    """Row 7: also with services being looked for, in the helper processes too."""
    (tmp_path / "listening").mkdir()
    (tmp_path / "listening" / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    (tmp_path / "cups.fountain").write_text(SCRIPT, encoding="utf-8")
    heard = tmp_path / "heard"
    environment = {
        **os.environ,
        "TEST_HEARD": str(heard),
        "PYTHONPATH": str(tmp_path / "listening"),
        "MOVIE_DIRECTOR_SERVICES": "",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "movie_director", "film", "cups.fountain", "-o", "out"],
        cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=240,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "film.mp4").stat().st_size > 0
    lines = [json.loads(line) for line in heard.read_text(encoding="utf-8").splitlines()]
    assert len({process for process, what, _ in lines if what == "lives"}) > 1
    spoken_to = {place for _, what, place in lines if what == "speaks"}
    assert any(map(here, spoken_to)), "services were looked for, and that was not heard"
    assert [place for place in spoken_to if not here(place)] == []


def here(place: str) -> bool:
    """Whether a place is certain to be on this machine: a loopback number, or a socket file."""
    if re.match(r"[/\0]", place):
        return True
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        return False
