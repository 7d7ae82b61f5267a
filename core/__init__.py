# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a film graph, and how does it become work?

Reading order: ``kinds`` and ``node_type`` (how a kind of node is declared),
``graph`` (a film as frozen values), ``step`` (the contract between the rooms),
``compile`` (graph to steps), ``plan`` (steps to stages), ``schedule``, ``worker``
and ``run`` (stages to artifacts), ``store`` and ``journal`` (where they lie),
``edit`` (the finished film's cut).  Nothing here knows Blender, a service's
protocol or a node type by name: those come in as arguments.
"""
