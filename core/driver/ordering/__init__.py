"""The order in which the tuner and the assessors are told results, as `reproducible` fixes it."""
