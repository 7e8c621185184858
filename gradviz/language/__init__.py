"""Check and run expression documents as a notebook would."""
