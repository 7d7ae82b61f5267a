"""All executors of the chaos suite, one entry each: server, work, what may break, what is counted.

Another executor joins by another entry.  One that is missing here fails the suite.
"""

from __future__ import annotations

from tests.chaos import comfyui, gradio, language, pages, rest, voices
from tests.chaos.entry import Entry

TABLE: tuple[Entry, ...] = (
    *gradio.ENTRIES,  # first, while nothing else goes on: they take seconds to start
    *comfyui.ENTRIES,
    *rest.ENTRIES,
    *voices.ENTRIES,
    *pages.ENTRIES,
    *language.ENTRIES,
)
#: Executors that are not in the table, and why.
WITHOUT: dict[str, str] = {
    "animatic": "draws and speaks in helper processes of its own: nothing is sent to a service",
    "delivery": "lays out the cut and writes lists on this machine: nothing is sent to a service",
}
