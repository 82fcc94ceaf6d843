"""Entry point: ``python run.py [command] key=value …``; ``--help`` lists the commands."""

import signal
import sys

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Until `main` has installed its own handlers, Ctrl-C ends the process without a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from sweepwright.core.cli.app import main
    except ModuleNotFoundError as missing:
        # Hydra's tab completion only calls files that contain the text @hydra.main.
        install = f"{sys.executable} -m pip install -e ."
        sys.exit(f"sweepwright is not installed ({missing}); to install it: {install}")
    sys.exit(main())
