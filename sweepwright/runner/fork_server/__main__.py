"""Entry point of the root and of prestarted interpreters; it restores the import path."""

import sys

if __name__ == "__main__":
    at_start = frozenset(sys.modules)

    import os
    from importlib import import_module

    # The package is imported under its short name from its parent folder, because the
    # application may not be installed in this interpreter. Trials must not find that folder, and
    # the server must not find the modules of a trial.
    path = sys.path[1:]
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [folder for folder in path if folder in given]
    sys.path[:] = [os.path.dirname(sys.path[0]), *(f for f in path if f not in folders)]  # noqa: PTH120 - it imports nothing
    run = import_module(f"fork_server.{sys.argv[1]}").run
    import_path = import_module("fork_server.import_path")
    sys.path[:] = path
    import_path.remember_start(at_start)
    for folder in folders:
        import_path.forget_shadowed(folder)
    run(int(sys.argv[2]), sys.argv[3])
