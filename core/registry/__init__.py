"""Plugins: loads them, finds their providers, and checks and builds their options."""
