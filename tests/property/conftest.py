"""Hypothesis: the same examples on every run, and no deadline on a machine that others use too."""

from hypothesis import settings

settings.register_profile("repeatable", database=None, deadline=None, derandomize=True)
settings.load_profile("repeatable")
