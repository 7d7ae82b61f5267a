# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may propose changes to a graph?

Whoever works here proposes and never applies: a change is a value that a person accepts.
Nobody does yet: the first to move in is the screenplay's own breakdown, which lives in
``screenplay`` because it needs no judgement.
"""
