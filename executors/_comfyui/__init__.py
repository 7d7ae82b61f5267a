# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ComfyUI executor is made of: wire, node classes, workflows."""
