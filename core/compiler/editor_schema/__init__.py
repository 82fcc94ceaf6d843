"""A JSON Schema of the configuration, for completion in editors."""
