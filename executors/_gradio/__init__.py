# SPDX-License-Identifier: GPL-3.0-or-later
"""What executors of Gradio apps share.

page    what an app says of itself: its endpoints, by labels and kinds
call    one endpoint called, followed and given up
files   files sent to an app, and those it made
served  an executor whose services are Gradio apps
"""

from __future__ import annotations

from .page import Endpoint, Field, Page, page_at
from .served import GradioServed

__all__ = ["Endpoint", "Field", "GradioServed", "Page", "page_at"]
