# SPDX-License-Identifier: GPL-3.0-or-later
"""What every executor answers that needs no service: it is this program."""

from __future__ import annotations

from ...core.executor import CancelFlag, Emit, Found, Health, Ticket, Unknown
from ...core.step import ModelId, Service

__all__ = ["BuiltIn"]


class BuiltIn:
    """Found nowhere, always well, without models, and nothing goes on after it ended."""

    def addresses(self) -> tuple[str, ...]:
        """None: it is not found, it is here."""
        return ()

    def identify(self, address: str) -> Service | None:
        """None: it is not found at an address, it is here."""
        del address
        return None

    def health(self, service: Service) -> Health:
        """Well, always: it is this program."""
        del service
        return Health()

    def reattach(self, ticket: Ticket, emit: Emit, cancel: CancelFlag) -> Found:
        """Unknown: nothing goes on after the process that ran it."""
        del ticket, emit, cancel
        return Unknown()

    def free(self, service: Service, models: frozenset[ModelId] | None) -> None:
        """Nothing to give back: there are no models."""
        del service, models
