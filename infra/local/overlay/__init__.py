"""Modules that stand in for the project's own in the local bundle (see bundle.py)."""
