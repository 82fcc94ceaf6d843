"""Tuners of other projects as solvers, and our spaces in their notations."""
