"""JSON Schema of the configuration, with which editors complete and check YAML files."""
