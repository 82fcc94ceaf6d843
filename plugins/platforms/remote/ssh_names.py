"""Names of machines and users, which may become words of a command (``ProxyCommand``, ``Match``).

As OpenSSH does since 9.6, refuse names that a shell or an option parser could misread.
"""

import re

_HOST = re.compile(
    r"[^\s\x00-\x20\x7f'\"\\`$&|;<>()*?!#{}~/@,=^-][^\s\x00-\x20\x7f'\"\\`$&|;<>()*?!#{}~/@,=^]*"
)
_USER = re.compile(r"[^\s\x00-\x20\x7f'\"`$&|;<>(){}-][^\x00-\x1f\x7f'\"`$&|;<>(){}]*")

HOST_FAULT = "is not the name or the address of a machine"
HOST_HELP = "write the name alone; the user and the port have keys of their own"
USER_FAULT = "is not the name of a user"


def is_host(text: str) -> bool:
    """Tell whether a text can be the name or the address of a machine."""
    return bool(_HOST.fullmatch(text))


def is_user(text: str) -> bool:
    """Tell whether a text can be the name of a user."""
    return bool(_USER.fullmatch(text))
