"""Start the fork server, or a prestarted interpreter, and leave no trace of it in imports."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    # Imported under a short name from its own folder, so that an interpreter in which the
    # application is not installed can run it; trials must not find that folder.
    sys.path[0] = str(Path(sys.path[0]).parent)
    run = import_module(f"fork_server.{sys.argv[1]}").run
    del sys.path[0]
    run(int(sys.argv[2]), sys.argv[3])
