"""Comparison of tuners with budgets, ours and the installed peers, on the same learning curves."""
