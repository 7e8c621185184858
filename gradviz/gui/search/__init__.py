"""Search in the graph: the line to type in, the list of what is found, the marks."""
