"""Time and memory of the whole tool as platforms grow, beside a floor measured in the same run."""
