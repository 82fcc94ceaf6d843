"""Successive halving, synchronous and asynchronous: used by all tuners with budgets but pbt."""
