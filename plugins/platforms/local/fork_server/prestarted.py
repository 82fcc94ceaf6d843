"""A prestarted interpreter: it imports, waits for one process to be, and becomes it."""

import json
import os
import socket
from typing import NoReturn

from .channel import Channel
from .descendants import die_with
from .exit_reasons import Word
from .preload import preload
from .process_setup import Files, lead


def run(descriptor: int, settings: str) -> NoReturn:
    """Serve once, told what to be over an inherited socket."""
    told = json.loads(settings)
    os.setsid()
    die_with(told["parent"])
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    refusal = preload(told["preload"])
    channel = Channel(socket.socket(fileno=descriptor))
    while (messages := channel.receive()) == []:
        pass
    channel.close()
    if not messages:
        os._exit(0)
    process, descriptors = messages[0]
    files = Files(*descriptors)
    if refusal:
        Word(files.word).say("launch", refusal)
        os._exit(1)
    lead(process, files)
