"""Generated platforms whose operators are known."""
