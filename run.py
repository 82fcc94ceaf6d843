"""Entry point: ``python run.py [command] key=value …``; ``--help`` lists the commands."""

import sys

if __name__ == "__main__":
    try:
        from sweepwright.core.cli.app import main
    except ModuleNotFoundError as missing:
        # Hydra's tab completion only calls files that contain the text @hydra.main.
        install = f"{sys.executable} -m pip install -e ."
        sys.exit(f"sweepwright is not installed ({missing}); to install it: {install}")
    sys.exit(main())
