"""Reporters: report metrics from training loops that a library provides.

Each module serves one library and imports it. This package itself imports no library.
"""
