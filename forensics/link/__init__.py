"""Stored tables to links: which accounts share what, and what that weighs."""
