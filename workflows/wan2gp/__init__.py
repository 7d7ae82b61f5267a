# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Wan2GP's models makes what, and with which settings.  Data; no code."""
