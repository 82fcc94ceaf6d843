"""Everything a user reads: the live display, tables, charts, diagnostics, YAML, TensorBoard."""
