"""The compiled plan of a sweep, and types that the compiler, driver and store share."""
