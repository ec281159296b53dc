"""The tool on real data that nobody of this project made."""
