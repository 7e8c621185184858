"""Compare the shown graph with a recording on disk: of before an edit, another rank or device."""
