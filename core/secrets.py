# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and passwords of services: asked for when a question is sent, kept nowhere of ours.

They are no part of an address, a .blend, a setting, a sidecar, a log or an error.  The environment
gives them now; a keyring is one more ``Secrets``, answering through the helper process that holds
its library, and comes before the environment in ``FirstOf``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Protocol

from .address import Address
from .errors import InputError

__all__ = ["EnvironmentSecrets", "FirstOf", "NoSecrets", "Secrets", "variable_of"]


class Secrets(Protocol):
    """Where a service's secrets are kept."""

    def headers(self, address: Address) -> Mapping[str, str]:
        """HTTP headers that let us in at ``address``; none where nothing is known.

        Raises:
            InputError: what is kept cannot be used; it is not repeated.
        """
        ...


class NoSecrets:
    """Nothing is known of any service."""

    def headers(self, address: Address) -> Mapping[str, str]:
        """None."""
        del address
        return {}


class EnvironmentSecrets:
    """Environment variables, one for each service: see ``variable_of``.

    A value is a token, sent as ``Authorization: Bearer``, or a JSON object of headers.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def headers(self, address: Address) -> Mapping[str, str]:
        """What the variable of the address says."""
        name = variable_of(address)
        value = self._environment.get(name, "").strip()
        if not value:
            return {}
        if not value.startswith("{"):
            return {"Authorization": f"Bearer {value}"}
        try:
            headers = json.loads(value)
        except ValueError:
            headers = None
        if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
            raise InputError(
                f"The environment variable {name} holds neither a token nor headers.",
                remedy='Give a token alone, or headers as JSON: {"X-Api-Key": "..."}.',
            )
        return headers


class FirstOf:
    """Several places, the first that knows a service."""

    def __init__(self, *places: Secrets) -> None:
        self._places = places

    def headers(self, address: Address) -> Mapping[str, str]:
        """What the first of them says that says anything."""
        return next((found for each in self._places if (found := each.headers(address))), {})


def variable_of(address: Address) -> str:
    """The environment variable of a service: ``MOVIE_DIRECTOR_TOKEN_127_0_0_1_8188``."""
    return f"MOVIE_DIRECTOR_TOKEN_{re.sub('[^A-Za-z0-9]', '_', address.place).upper()}"
