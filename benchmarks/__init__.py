"""Comparisons of gradviz with its peers: `python -m benchmarks`."""
