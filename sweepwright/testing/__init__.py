"""Contract suites and a simulated platform, for the authors of plugins."""
