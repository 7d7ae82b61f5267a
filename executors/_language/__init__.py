# SPDX-License-Identifier: GPL-3.0-or-later
"""Language models on any server that speaks OpenAI's chat completions.

What a server lists (``listing``), which of it suits a task (``tasks``, ``choice``), what of a
conversation fits (``window``).  Values and arithmetic: the words themselves are the helper
process's (``_helper/language_jobs``), the questions those of ``language.py``.
"""

from .choice import Choice, choose
from .listing import Listed
from .tasks import TASKS, Task, task_named
from .window import Message, estimated, trimmed

__all__ = [
    "TASKS",
    "Choice",
    "Listed",
    "Message",
    "Task",
    "choose",
    "estimated",
    "task_named",
    "trimmed",
]
