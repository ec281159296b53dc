"""What is measured, on what, and against whom. `docs/benchmarks.md` has the figures."""
