"""The commands, each in a module of its name, which is imported only when the command runs.

The module of a command has a function ``main(arguments) -> int``, which returns the exit code.
"""
