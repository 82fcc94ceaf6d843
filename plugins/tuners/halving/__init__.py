"""Successive halving, which all tuners that need a budget use, except ``pbt``."""
