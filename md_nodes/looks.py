# SPDX-License-Identifier: GPL-3.0-or-later
"""How nodes look."""
def estimated_height(node): return 200.0
def title(node): return node.bl_label
def draw_body(n,c,l): pass
def draw_sidebar(n,c,l): pass
def draw_group(n,c,l): pass
