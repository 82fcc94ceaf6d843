"""Sweeps on disk: their journals, the entries and sessions in these, and the catalog of all."""
