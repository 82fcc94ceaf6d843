"""Successive halving, synchronous and asynchronous, for all tuners with budgets except ``pbt``."""
