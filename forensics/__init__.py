"""Finds groups of accounts that one operator is likely to run, and bundles the evidence."""

__version__ = "0.1.0"
