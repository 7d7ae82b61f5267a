# SPDX-License-Identifier: GPL-3.0-or-later
"""What every panel of the sidebar is: beside a film's tree, under *Director*.

Which panels there are stands in the rooms that draw them.
"""

from __future__ import annotations

from .where import space_of


class SidebarPanel:
    """In the sidebar of a Movie Director editor that shows a tree."""

    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Director"

    @classmethod
    def poll(cls, context) -> bool:
        """Whether there is such a tree."""
        return space_of(context) is not None


class NodePanel(SidebarPanel):
    """The same, about the active node."""

    @classmethod
    def poll(cls, context) -> bool:
        """Whether there is one, and something to say of it."""
        space = space_of(context)
        return space is not None and space.edit_tree.nodes.active is not None and cls.says(context)

    @classmethod
    def says(cls, context) -> bool:
        """Whether there is something to say of the active node; of any, unless a panel knows better."""
        del context
        return True
