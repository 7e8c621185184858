"""Watch torch and fill a recording."""
