"""Sweeps on disk: the journal of each, the catalog of all, and histories read from them."""
