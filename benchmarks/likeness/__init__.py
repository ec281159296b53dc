"""The scorecard of `forensics/score/likeness.py`: what it was fitted to, and how it holds."""
