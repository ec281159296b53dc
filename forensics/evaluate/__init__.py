"""How good the clusters are, where it is known who really runs which account."""
