"""The verbs: what a user can ask for, each in a module of its name, imported when asked.

The module of a verb has ``main(arguments) -> int``, which returns the exit code.
"""
