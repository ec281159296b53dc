"""Platforms that somebody else imagined: independent test data with known operators."""
