"""JSON Schema of the configuration. Editors use the schema to complete and check YAML files."""
