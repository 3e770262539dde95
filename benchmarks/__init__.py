"""Measured figures, each with the command that makes it: ``python -m benchmarks [NAME ...] [--write]``.

Every claim is a ratio against a peer that is measured in the same run, next to it: seconds depend on the machine.
Nothing here is a test: a claim that is missed is printed as missed, and the exit code is 1.
"""
