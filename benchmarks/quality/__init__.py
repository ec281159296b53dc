"""Quality on generated platforms: the tool, its ablations, and its peers on the same files."""
