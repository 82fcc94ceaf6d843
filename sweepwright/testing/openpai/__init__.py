"""An OpenPAI REST server for tests, whose tasks are local processes."""
