"""Source files to checked, canonical tables in the case."""
