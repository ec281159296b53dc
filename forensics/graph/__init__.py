"""The property graph and its queries."""
