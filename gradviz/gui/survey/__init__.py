"""The facts behind the findings: why gradients are missing, their size by depth, saved memory."""
