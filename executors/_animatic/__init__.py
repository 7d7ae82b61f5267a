# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animatic is made of: ``picture``, ``audio`` and ``reel``, driven by ``jobs``.

Everything here runs in a helper process (``serve``); nothing here knows the film graph but
``picture_jobs`` and ``sound_jobs``, which translate.
"""
