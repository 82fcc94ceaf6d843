"""Bayesian extrapolation of learning curves: the model of ``assessor=curvefitting``."""
