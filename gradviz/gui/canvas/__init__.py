"""The canvas: the graph of a recording, drawn, stepped through and navigated."""
