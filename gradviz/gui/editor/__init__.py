"""The editor of expression files."""
