"""The entry: ``python run.py [verb] key=value …``; ``python run.py --help`` lists it all."""

import sys

if __name__ == "__main__":
    try:
        from sweepwright.core.cli.app import main
    except ModuleNotFoundError as missing:
        # Hydra's tab completion only calls a file that holds the words @hydra.main.
        install = f"{sys.executable} -m pip install -e ."
        sys.exit(f"sweepwright is not installed ({missing}); to install it: {install}")
    sys.exit(main())
