"""Trials that train a classifier of handwritten digits, with one or more entries per framework."""
