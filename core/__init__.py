"""The application: composes, compiles and drives sweeps; knows no plugin by name."""
