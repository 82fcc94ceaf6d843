"""The API over HTTP: paths, verbs, bodies and streams."""
