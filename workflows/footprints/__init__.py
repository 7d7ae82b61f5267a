# SPDX-License-Identifier: GPL-3.0-or-later
"""What does each model cost?  YAML files, no code; ``core.footprints`` reads them."""
