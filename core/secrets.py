# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and passwords of services: asked for when a question is sent, kept nowhere of ours.

They are no part of an address, a .blend, a setting, a sidecar, a log or an error.  The environment
comes first; then the system's keyring, which is one more ``Secrets`` (``executors/_keyring``): it
answers through the helper process that holds its library.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Protocol

from .address import Address
from .errors import InputError

__all__ = [
    "EnvironmentSecrets", "FirstOf", "NoSecrets", "Secrets", "headers_of", "token_remedy",
    "variable_of",
]  # fmt: skip


class Secrets(Protocol):
    """Where a service's secrets are kept."""

    def headers(self, address: Address) -> Mapping[str, str]:
        """HTTP headers that let us in at ``address``; none where nothing is known.

        May wait for seconds: not for a thread that draws.

        Raises:
            InputError: what is kept cannot be used; it is not repeated.
            Unauthorised: something is kept, and cannot be had.
        """
        ...


class NoSecrets:
    """Nothing is known of any service."""

    def headers(self, address: Address) -> Mapping[str, str]:
        """None."""
        del address
        return {}


class EnvironmentSecrets:
    """Environment variables, one for each service: see ``variable_of`` and ``headers_of``."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def headers(self, address: Address) -> Mapping[str, str]:
        """What the variable of the address says."""
        name = variable_of(address)
        return headers_of(self._environment.get(name, ""), f"The environment variable {name}")


class FirstOf:
    """Several places, the first that knows a service."""

    def __init__(self, *places: Secrets) -> None:
        self._places = places

    def headers(self, address: Address) -> Mapping[str, str]:
        """What the first of them says that says anything."""
        return next((found for each in self._places if (found := each.headers(address))), {})


def headers_of(value: str, place: str) -> Mapping[str, str]:
    """The headers that ``value`` stands for; none where it is empty.

    A value is a token, sent as ``Authorization: Bearer``, or a JSON object of headers.

    Raises:
        InputError: it is neither, or can be no header; ``place`` is where it is kept.
    """
    value = value.strip()
    headers: object = {"Authorization": f"Bearer {value}"} if value else {}
    if value.startswith("{"):
        try:
            headers = json.loads(value)
        except (ValueError, RecursionError):
            headers = None
    if not isinstance(headers, dict) or not all(
        isinstance(each, str) and each.isascii() and each.isprintable()
        for pair in headers.items()
        for each in pair
    ):
        raise InputError(
            f"{place} holds neither a token nor headers.",
            remedy='Give a token alone, or headers as JSON: {"X-Api-Key": "..."}.',
        )
    return headers


def token_remedy(address: Address) -> str:
    """What to do where a service wants a token, or another one."""
    return (
        f"Give its token: movie-director services token {address}, or {variable_of(address)} in "
        "the environment."
    )


def variable_of(address: Address) -> str:
    """The environment variable of a service: ``MOVIE_DIRECTOR_TOKEN_127_0_0_1_8188``."""
    return f"MOVIE_DIRECTOR_TOKEN_{re.sub('[^A-Za-z0-9]', '_', address.place).upper()}"
