"""YAML that users read: of search spaces, and of any objects."""
