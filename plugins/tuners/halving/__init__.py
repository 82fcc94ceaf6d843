"""Successive halving: what hyperband and its kin are made of."""
