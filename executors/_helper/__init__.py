# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper processes with the libraries that Blender's Python must not load.

process  lends them to whoever has a job
serve    runs inside them: reads jobs, does them
*_jobs   what each library does, a file each; they import nothing of ours
"""

from __future__ import annotations

from .process import Helper, Task

__all__ = ["Helper", "Task"]
