# SPDX-License-Identifier: GPL-3.0-or-later
"""Services in Blender: a panel, the preferences, a line in the header when one comes or goes.

All of it is drawn from the last snapshot; nothing here waits for a server.  Which addresses are
asked is the user's own file (``core.service_file``), so the command line sees the same.
"""

from __future__ import annotations

import logging
import textwrap
import time

import bpy

from ..core import service_file
from ..core.address import parse_address
from ..core.amounts import amount
from ..core.errors import MovieDirectorError
from ..core.service_state import State, Tell, Watched
from ..core.worker_watch import Seen
from ..studio import Studio
from . import session, status
from .sidebar import SidebarPanel
from .where import editors, space_of

log = logging.getLogger(__name__)

#: Seconds that news stay in the header.
NEWS_S = 15.0
_LETTERS = 27  #: of a line in a box of the sidebar

_ICONS = {
    State.READY: "LINKED",
    State.CONNECTING: "SORTTIME",
    State.UNKNOWN: "SORTTIME",
    State.STALLED: "ERROR",
    State.LOST: "UNLINKED",
    State.UNREACHABLE: "UNLINKED",
    State.UNAUTHORISED: "LOCKED",
    State.INCOMPATIBLE: "ERROR",
    State.HELD: "CANCEL",
}
#: What a Backend node calls a service → what makes its work where it is not there.
_BUILT_IN = frozenset({"auto", "animatic"})

_seen = Seen(places={})
_last: tuple[Tell, float] | None = None
_refused = False


def tick() -> None:
    """Take over what was seen since; called by the heartbeat on Blender's own thread."""
    studio = _studio()
    if studio is None:
        return
    studio.finder.allow(bpy.app.online_access)
    take(studio.refresh())


def take(seen: Seen) -> None:
    """Show a snapshot from now on."""
    global _seen, _last
    changed = _seen.places is not seen.places
    _seen = seen
    if seen.news:
        _last = (seen.news[-1], time.monotonic())
        for news in seen.news:
            log.log(logging.INFO if news.good else logging.WARNING, "%s %s", news.what, news.remedy)
    over = _last is not None and time.monotonic() - _last[1] > NEWS_S
    if over:
        _last = None
    if changed or over:
        status.touch()
        for _, area, _ in editors():
            area.tag_redraw()


def _studio() -> Studio | None:
    """The open studio; opened when a film is first shown, so that services are found by themselves."""
    global _refused
    opened = session.opened()
    if opened is not None or _refused or next(editors(), None) is None:
        return opened
    try:
        return session.studio()
    except MovieDirectorError:
        _refused = True  # whoever evaluates is told; asking again each beat helps nobody
        log.exception("services are not looked for")
        return None


def lacking(executor: str) -> str:
    """Why work cannot go to a service of this kind now; "" where it can."""
    if executor in _BUILT_IN:
        return ""
    known = [
        each
        for each in _seen.places.values()
        if each.service is not None and each.service.executor == executor
    ]
    if any(each.state.usable for each in known):
        return ""
    if known:
        return known[0].state.value.capitalize()
    return "Not found"


def seen() -> Seen:
    """What was last seen of all places."""
    return _seen


def tell(told: Tell) -> None:
    """Say something in the header for a moment."""
    global _last
    _last = (told, time.monotonic())
    log.log(logging.INFO if told.good else logging.WARNING, "%s %s", told.what, told.remedy)
    status.touch()


def news() -> Tell | None:
    """What happened in the last moments, if anything did."""
    return _last[0] if _last is not None else None


# --- drawing ----------------------------------------------------------------------------------


class MOVIE_DIRECTOR_PT_services(SidebarPanel, bpy.types.Panel):
    """Which services there are, and how they are."""

    bl_label = "Services"
    bl_order = 5

    def draw(self, context) -> None:
        draw_services(self.layout)


def draw_services(layout) -> None:
    """One box for each place worth knowing of, then how to add one."""
    shown = [each for each in _seen.places.values() if _worth(each)]
    for each in sorted(shown, key=lambda one: (not one.state.usable, one.address)):
        _draw_place(layout.box().column(align=True), each)
    if not any(each.state.usable for each in shown):
        layout.label(text="The animatic makes it all", icon="INFO")
    row = layout.row(align=True)
    row.operator("movie_director.service_add", icon="ADD")
    row.operator("movie_director.services_look", text="", icon="FILE_REFRESH")


def _worth(watched: Watched) -> bool:
    """What a person named, and what was found."""
    quiet = (State.UNREACHABLE, State.CONNECTING, State.UNKNOWN)
    return watched.named or watched.state not in quiet


def _draw_place(column, watched: Watched) -> None:
    service = watched.service
    known = service is not None
    name = f"{watched.name} {service.version}".strip() if known else watched.address
    row = column.row(align=True)
    row.label(text=name, icon=_ICONS[watched.state])
    row.operator(
        "movie_director.service_remove", text="", icon="X", emboss=False
    ).address = watched.address
    column = column.column(align=True)
    column.scale_y = 0.85
    column.label(text=watched.state.value.capitalize(), icon="BLANK1")
    if known:
        column.label(text=watched.address.partition("://")[2], icon="BLANK1")
    if watched.state.usable and known:
        _draw_facts(column, watched)
    if watched.state is State.UNAUTHORISED:
        give = column.operator("movie_director.service_token", icon="LOCKED")
        give.address = watched.address
    if watched.error is not None:
        # Who was known has its state above: then what to do is enough.
        what = "" if known and watched.state is not State.INCOMPATIBLE else watched.error.what
        _draw_lines(column, f"{what} {watched.error.remedy}".strip(), "BLANK1")


def _draw_facts(column, watched: Watched) -> None:
    service, health = watched.service, watched.health
    total = health.total_bytes or service.memory_bytes
    if total:
        free = f"{amount(health.free_bytes)} of " if health.free_bytes else ""
        column.label(text=f"{service.gpu} {free}{amount(total)}".strip(), icon="BLANK1")
    if service.able:
        able = ", ".join(sorted(service.able)).replace("_", " ")
        _draw_lines(column, able, "BLANK1")
    if health.waiting:
        column.label(text=f"{health.waiting} waiting there", icon="BLANK1")
    if watched.seen_s:
        column.label(text=f"Up {watched.up_s / watched.seen_s:.0%} of the time", icon="BLANK1")


def _draw_lines(layout, text: str, icon: str) -> None:
    for line in textwrap.wrap(text, _LETTERS)[:8]:
        layout.label(text=line, icon=icon)
        icon = "BLANK1"


def draw_header(self, context) -> None:
    """What came or went, for a moment."""
    told = news()
    if told is not None and space_of(context) is not None:
        row = self.layout.row()
        row.alert = not told.good
        row.label(text=told.what, icon="LINKED" if told.good else "UNLINKED")


# --- operators ----------------------------------------------------------------------------------


class MOVIE_DIRECTOR_OT_service_add(bpy.types.Operator):
    """Look for a service at an address"""

    bl_idname = "movie_director.service_add"
    bl_label = "Add Service"

    def invoke(self, context, event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context) -> set[str]:
        try:
            address = parse_address(self.address)
            if not address.loopback and not self.elsewhere:
                self.report(
                    {"ERROR"},
                    f"{address} is not this machine. Switch on Another Machine if what the film "
                    "needs may be sent there.",
                )
                return {"CANCELLED"}
            service_file.change(
                lambda known: known.with_place(address.base, elsewhere=not address.loopback)
            )
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        _look_again()
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_service_add.__annotations__ = {
    "address": bpy.props.StringProperty(name="Address", default="127.0.0.1:8188"),
    "elsewhere": bpy.props.BoolProperty(
        name="Another Machine",
        description="Yes: what a film needs may be sent to a machine other than this one",
        default=False,
    ),
}


class MOVIE_DIRECTOR_OT_service_remove(bpy.types.Operator):
    """Do not look for a service there any more"""

    bl_idname = "movie_director.service_remove"
    bl_label = "Remove Service"

    def execute(self, context) -> set[str]:
        try:
            service_file.change(lambda known: known.without(self.address))
        except MovieDirectorError as error:
            self.report({"ERROR"}, f"{error.what} {error.remedy}")
            return {"CANCELLED"}
        _look_again()
        return {"FINISHED"}


MOVIE_DIRECTOR_OT_service_remove.__annotations__ = {
    "address": bpy.props.StringProperty(name="Address", options={"HIDDEN", "SKIP_SAVE"}),
}


class MOVIE_DIRECTOR_OT_services_look(bpy.types.Operator):
    """Read the list of addresses again"""

    bl_idname = "movie_director.services_look"
    bl_label = "Look Again"

    def execute(self, context) -> set[str]:
        _look_again()
        return {"FINISHED"}


def _look_again() -> None:
    opened = session.opened()
    if opened is not None:
        take(opened.look_again())


CLASSES = (
    MOVIE_DIRECTOR_OT_service_add,
    MOVIE_DIRECTOR_OT_service_remove,
    MOVIE_DIRECTOR_OT_services_look,
    MOVIE_DIRECTOR_PT_services,
)


def register() -> None:
    """Add to the editor's header."""
    bpy.types.NODE_HT_header.append(draw_header)


def unregister() -> None:
    """Take it out again; what was seen is forgotten."""
    global _seen, _last, _refused
    bpy.types.NODE_HT_header.remove(draw_header)
    _seen, _last, _refused = Seen(places={}), None, False
