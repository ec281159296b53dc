"""Findings to evidence bundles that stand on their own."""
