# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director services token``: keep the token of a service in the system's keyring."""

from __future__ import annotations

import argparse
import getpass
import sys

from ...core.address import Address, parse_address
from ...core.errors import InputError
from ...core.secrets import variable_of
from ...executors._keyring import Keyring
from ..verb import DONE, Call, Verb

#: Seconds after which it is said what is being waited for; between two looks.
_SAY_S, _LOOK_S = 3.0, 0.2
#: The most that is read of what is piped in, in letters.
_MOST = 10_000


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="where it listens, such as 127.0.0.1:8188")
    parser.add_argument("--forget", action="store_true", help="take it out of the keyring again")


def _run(call: Call) -> int:
    address = parse_address(call.args.url)
    token = "" if call.args.forget else _given(address)
    keeping = Keyring().keep(address, token)
    waited = 0.0
    try:
        while not keeping.done(_LOOK_S):
            if waited < _SAY_S <= (waited := waited + _LOOK_S):
                call.desk.note(
                    "the keyring has not answered yet; it may be asking for its password"
                )
    except KeyboardInterrupt:
        keeping.end()
        raise
    if token:
        call.desk.say(f"the token for {address} lies in the system's keyring")
    else:
        call.desk.say(f"no token for {address} lies in the keyring any more")
    return DONE


def _given(address: Address) -> str:
    """What a person types unseen, or pipes in.

    Raises:
        InputError: that is nothing.
    """
    if sys.stdin.isatty():
        token = getpass.getpass(f"Token for {address} (it is not shown): ")
    else:
        token = sys.stdin.read(_MOST)
    if not token.strip():
        raise InputError(
            "No token was given.",
            remedy="Type it when it is asked for, or pipe it in; --forget takes one back.",
        )
    return token


VERB = Verb(
    name="token",
    usage="URL [--forget]",
    summary="keep the token of a service in the system's keyring",
    about="Asks for a token and keeps it in the keyring of this system, for that address alone: it is sent\n"
    "there as 'Authorization: Bearer ...' from then on, by the command line and by Blender. Headers\n"
    'of another name are given as JSON: {"X-Api-Key": "..."}. A token is typed unseen or piped\n'
    "in, never written on the command line, where other programs could read it. Without a keyring, or\n"
    f"before it, the environment is asked: {variable_of(Address(host='127.0.0.1', port=8188))}.",
    examples=(
        ("movie-director services token https://gpu.lan", "it asks for the token"),
        ("movie-director services token 127.0.0.1:4000 < key.txt", "from a file"),
        ("movie-director services token https://gpu.lan --forget", "out of the keyring again"),
    ),
    arguments=_arguments,
    run=_run,
)
