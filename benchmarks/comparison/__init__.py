"""Comparison of tuners: runs ours and the installed peers on the same problems."""
