"""Commands that hold commands, such as ``workflow convert``: grammar, help, wrong use."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from movie_director import cli
from movie_director.cli.parser import make_parser, unknown_verb
from movie_director.cli.verb import DONE, Call, Verb, every


def _word(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word")


def made(name: str, **given: Any) -> Verb:
    plain = {"usage": "...", "summary": f"does {name}", "about": f"About {name}.", "examples": ()}
    return Verb(name=name, **(plain | given))


def _run(call: Call) -> int:
    call.desk.say(f"{call.args.chosen[-1].name} {getattr(call.args, 'word', '-')}")
    return DONE


#: ``box`` only holds others; ``shop`` runs by itself too.
OPEN = made("open", arguments=_word, run=_run)
BOX = made("box", parts=(OPEN, made("shut", run=_run)))
SHOP = made("shop", run=_run, parts=(made("test", arguments=_word, run=_run),))
VERBS = (BOX, SHOP, made("plain", run=_run))


@pytest.fixture(autouse=True)
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "VERBS", VERBS)


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        (["box", "open", "it"], 0, "open it\n", ""),
        (["box", "shut"], 0, "shut -\n", ""),
        (["shop"], 0, "shop -\n", ""),
        (["shop", "test", "it"], 0, "test it\n", ""),
        (["box"], 2, "", "usage: movie-director box ..."),
        (
            ["box", "opne", "it"],
            2,
            "",
            "There is no command 'box opne'.\n  Did you mean 'box open'?",
        ),
        (["box", "q"], 2, "", "There is no command 'box q'.\n  There are: open, shut."),
        (["plane"], 2, "", "There is no command 'plane'.\n  Did you mean 'plain'?"),
        (["box", "open"], 2, "", "See: movie-director box open --help"),
        (["shop", "tset", "it"], 2, "", "See: movie-director shop --help"),
    ],
)
def test_a_command_inside_a_command_is_called_by_both_names(
    words: list[str], code: int, out: str, err: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == code
    heard = capsys.readouterr()
    assert heard.out == out
    assert err in heard.err


def test_the_help_of_a_group_lists_what_is_inside(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["box", "--help"]) == 0
    said = capsys.readouterr().out
    assert [line.split() for line in said.splitlines() if "does" in line] == [
        ["open", "does", "open"],
        ["shut", "does", "shut"],
    ]


def test_every_gives_groups_before_their_parts() -> None:
    assert [typed for typed, _ in every(VERBS)] == [
        "box", "box open", "box shut", "shop", "shop test", "plain",
    ]  # fmt: skip


def test_what_is_chosen_is_the_verb_after_its_groups() -> None:
    parser = make_parser(VERBS, "0")
    assert parser.parse_args(["box", "open", "it"]).chosen == (BOX, OPEN)
    assert parser.parse_args([]).chosen == ()
    assert unknown_verb(["--version"], VERBS) is None
