"""Built-in tuners."""
