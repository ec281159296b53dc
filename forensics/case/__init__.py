"""The case: what every room reads and writes."""
