# SPDX-License-Identifier: GPL-3.0-or-later
"""executors/_animatic."""
