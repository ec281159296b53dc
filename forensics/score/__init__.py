"""Clusters to findings: coordination, abuse, chance, explanations, verdicts."""
