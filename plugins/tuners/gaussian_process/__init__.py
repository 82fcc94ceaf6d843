"""Gaussian-process regression for tuners: its parts, and the model of ``tuner=gp``."""
