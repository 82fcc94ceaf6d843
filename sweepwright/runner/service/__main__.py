"""Entry point: ``python <this folder> session BASE`` or ``python <this folder> daemon FOLDER``."""

import sys

if __name__ == "__main__":
    from pathlib import Path

    # The folder of the kit takes the place of this folder, whose modules are a package's.
    kit = Path(sys.path[0]).absolute().parents[2]
    sys.path[0] = str(kit)
    from sweepwright.runner.service import daemon, session

    if sys.argv[1] == "daemon":
        sys.exit(daemon.run(Path(sys.argv[2])))
    session.serve(Path(sys.argv[2]), kit)
