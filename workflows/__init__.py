# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service workflows do we ship?  YAML files, no code.

The built-in animatic needs none, so none are here yet.
"""
