"""Takes away from this interpreter what Python 3.8 lacks and its own library does not need."""

import gc
import os
import signal
import socket
import sys
from types import SimpleNamespace

NEWER = {
    gc: ("is_finalized",),
    os: ("pidfd_open",),
    signal: ("pidfd_send_signal",),
    socket: ("recv_fds", "send_fds"),
    sys: ("orig_argv", "stdlib_module_names"),
}
for module, names in NEWER.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
known = {name: getattr(sys.flags, name) for name in dir(sys.flags) if name.islower()}
del known["safe_path"]
sys.flags = SimpleNamespace(**{name: value for name, value in known.items() if name[0] != "_"})
