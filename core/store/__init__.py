"""Sweeps on disk: the catalog of all sweeps, and the journal of each sweep."""
