"""Entry point of the root and of prestarted interpreters; it restores the import path."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    # The package is imported under its short name from its parent folder, because the
    # application may not be installed in this interpreter. Trials must not find that folder.
    sys.path[0] = str(Path(sys.path[0]).parent)
    run = import_module(f"fork_server.{sys.argv[1]}").run
    del sys.path[0]
    run(int(sys.argv[2]), sys.argv[3])
