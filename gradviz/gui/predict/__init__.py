"""Predict mode: the learner types each gradient before it is shown."""
