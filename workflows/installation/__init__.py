# SPDX-License-Identifier: GPL-3.0-or-later
"""How each service is installed and started, as its makers say.  Data; no code."""
