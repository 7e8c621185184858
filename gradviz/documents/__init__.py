"""Expression files, notebooks and recordings on disk."""
