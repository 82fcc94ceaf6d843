"""The registry: loads plugins, finds their providers, checks and builds their options."""
