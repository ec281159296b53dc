"""The graph in both stores: how fast it is written, and asked."""
