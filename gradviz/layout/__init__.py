"""Positions and routes of a view of the graph."""
