"""The built-in configuration: YAML alone."""
