"""Predictive quality of regression models on held-out points of the problems."""
