"""What if a leaf or a gradient were another one? Change it, run again, compare, return."""
