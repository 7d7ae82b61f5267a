# SPDX-License-Identifier: GPL-3.0-or-later
"""The token of a service, typed unseen and sent straight into the system's keyring.

It is in no property that Blender keeps: the operator's own is left out of its last values, and out
of the list of what was done, and is emptied before anything else happens.  The keyring is waited
for by the heartbeat, never by Blender.
"""

from __future__ import annotations

import bpy

from ..core.address import parse_address
from ..core.errors import MovieDirectorError
from ..core.service_state import Tell
from ..executors._keyring import Keeping
from . import services, session

_keeping: list[Keeping] = []


def tick() -> None:
    """See whether the keyring is done; say so, and ask the service again."""
    for keeping in tuple(_keeping):
        base = keeping.address.base
        try:
            if not keeping.done():
                continue
        except MovieDirectorError as error:
            told = Tell(address=base, good=False, what=error.what, remedy=error.remedy)
        else:
            what = f"The token for {base} lies in the system's keyring."
            told = Tell(address=base, good=True, what=what)
            services.take(session.studio().ask_anew(base))
        _keeping.remove(keeping)
        services.tell(told)


class MOVIE_DIRECTOR_OT_service_token(bpy.types.Operator):
    """Give the token of a service; it is kept in the system's keyring and nowhere else"""

    bl_idname = "movie_director.service_token"
    bl_label = "Give Token"
    bl_options = {"INTERNAL"}  # without REGISTER: nothing lists what was typed

    def invoke(self, context, event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context) -> None:
        self.layout.label(text=f"Token for {self.address}")
        self.layout.prop(self, "token", text="")

    def execute(self, context) -> set[str]:
        token, self.token = self.token, ""
        try:
            if not token.strip():
                self.report({"WARNING"}, "No token was given.")
                return {"CANCELLED"}
            address = parse_address(self.address)
            _keeping.append(session.studio().keyring.keep(address, token))
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_service_token.__annotations__ = {
    "address": bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"}),
    "token": bpy.props.StringProperty(
        name="Token", subtype="PASSWORD", options={"HIDDEN", "SKIP_SAVE"}
    ),
}


CLASSES = (MOVIE_DIRECTOR_OT_service_token,)


def register() -> None:
    """Nothing but the classes."""


def unregister() -> None:
    """Wait for no keyring any more."""
    while _keeping:
        _keeping.pop().end()
