"""The registry: loads plugins, finds their providers, and checks and builds their options."""
