"""Built-in frameworks."""
