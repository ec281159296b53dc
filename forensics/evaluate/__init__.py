"""How good the clusters are, against known operators."""
