# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep tokens in the system's keyring; runs in the helper's environment, which has the library.

One question to the keyring that the system, or its user, has chosen.  A keyring that is locked
asks for its password by itself, and the question waits for that as long as somebody waits for it.
What the library and its backends print or say of their errors may hold a token: it goes nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

#: Says how far the work is: here it is done in one stroke.
Say = Callable[[float, str], None]


def get(arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """``{"outcome": "answer", "token": ...}``; the token is "" where none is kept.

    Arguments: ``service`` (whose tokens these are) and ``user`` (an address).

    Other outcomes: ``none`` (no keyring here), ``locked``, ``failed`` (``kind``: of its error).
    """
    del say
    return _asked(lambda keyring: keyring.get_password(*_place(arguments)) or "")


def put(arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """``{"outcome": "answer", "token": ...}``, read back from it.

    Arguments as ``get`` and ``token``; other outcomes too, and ``forgot``: it kept something else.
    """
    del say
    place, token = _place(arguments), str(arguments["token"])

    def kept(keyring: Any) -> str:
        keyring.set_password(*place, token)
        return keyring.get_password(*place) or ""

    told = _asked(kept)
    return told if told.get("token", token) == token else {"outcome": "forgot"}


def drop(arguments: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """``{"outcome": "answer", "token": ""}``, also where nothing was kept.  Otherwise as ``get``."""
    del say
    place = _place(arguments)

    def dropped(keyring: Any) -> str:
        if keyring.get_password(*place) is not None:
            keyring.delete_password(*place)
        return ""

    return _asked(dropped)


def _place(arguments: Mapping[str, Any]) -> tuple[str, str]:
    return str(arguments["service"]), str(arguments["user"])


def _asked(what: Callable[[Any], str]) -> dict[str, Any]:
    _be_quiet()
    import keyring

    try:
        return {"outcome": "answer", "token": what(keyring)}
    except keyring.errors.NoKeyringError:
        return {"outcome": "none"}
    except keyring.errors.KeyringLocked:
        return {"outcome": "locked"}
    except Exception as error:  # the library's, its backends' and what those are made with
        return {"outcome": "failed", "kind": type(error).__name__}


def _be_quiet() -> None:
    """Let nothing that is printed here get anywhere; our answers have a way of their own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


#: What the helper process finds here: jobs by name.
JOBS = {"get": get, "put": put, "drop": drop}
