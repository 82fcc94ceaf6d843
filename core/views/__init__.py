"""All output for users: displays, tables, charts, diagnostics, YAML and TensorBoard files."""
