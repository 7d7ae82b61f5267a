# SPDX-License-Identifier: GPL-3.0-or-later
"""How Wan2GP (by DeepBeepMeep) is spoken to.

mcp        its tools, called over HTTP
job        what it says of work under way
following  what it is asked about jobs and files
batch      several tasks in one job: which is done, which is wanted
desk       what one server is to do: gathered, handed in, followed
desks      the threads that wait for it
chain      a clip in parts
profiles   which model makes what
settings   what is asked of a model: the server's own defaults, with few keys changed
"""
