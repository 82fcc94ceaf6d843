"""The commands. Each has a module of its name, which is imported only when the command runs.

That module has a function ``main(arguments) -> int``, which runs the command and returns the exit
code.
"""
