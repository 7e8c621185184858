"""The data model of a run, and the questions asked of it; knows neither torch nor Qt."""
