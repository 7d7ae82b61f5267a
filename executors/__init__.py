# SPDX-License-Identifier: GPL-3.0-or-later
"""Where can a step run?  One file for each kind of service.

A public file here defines ``EXECUTOR``, built as ``EXECUTOR(setup)`` and speaking the
protocol of ``core.executor``; its stem is the executor's name.  Files and folders that
start with ``_`` are what an executor is made of.
"""
