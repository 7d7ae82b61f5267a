# SPDX-License-Identifier: GPL-3.0-or-later
"""How Wan2GP (by DeepBeepMeep) is spoken to.

mcp       its tools, called over HTTP
job       what it says of work under way
profiles  which model makes what
settings  what is asked of a model: the server's own defaults, with few keys changed
"""
