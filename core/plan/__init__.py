"""The compiled plan of a sweep, and what the compiler, the driver and the store all need of it."""
