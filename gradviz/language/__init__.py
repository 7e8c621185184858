"""Run expression files as a notebook would."""
