"""Logs in to an SSH server: by keys from files and the agent, or by a password.

A password passes directly from the environment to the call that sends it. It is in no variable,
``repr`` or exception of ours, and an exception of paramiko that could lead to it is not chained.
"""

import os
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress

from paramiko import BadAuthenticationType, PKey, SSHException, Transport

from .connect_error import ConnectError, Deadline, shell_path
from .keys import Keys
from .ssh_config import Hop

_PASSWORD = ("password", "keyboard-interactive")
_MANY_KEYS = 5
"""Number of keys after which sshd often ends the connection: ``MaxAuthTries`` is 6 by default."""


def log_in(transport: Transport, hop: Hop, deadline: Deadline) -> None:
    """Log in to a server whose host key has been checked.

    Raises
    ------
    ConnectError
        If the server accepts none of what the hop offers.
    """
    accepted = _accepted_methods(transport, hop, deadline)
    if accepted is None:
        return
    if hop.password_env is not None:
        _log_in_by_password(transport, hop, hop.password_env, accepted, deadline)
    else:
        _log_in_by_key(transport, hop, accepted, deadline)


def _accepted_methods(transport: Transport, hop: Hop, deadline: Deadline) -> list[str] | None:
    """Ask the server for its login methods; None if it accepts everybody."""
    transport.auth_timeout = deadline.left()
    try:
        transport.auth_none(hop.user)
    except BadAuthenticationType as error:
        return list(error.allowed_types)
    except (SSHException, EOFError, OSError):
        raise _broken_off(hop, deadline, []) from None
    return None


def _log_in_by_password(
    transport: Transport, hop: Hop, variable: str, accepted: Sequence[str], deadline: Deadline
) -> None:
    if not set(_PASSWORD) & set(accepted):
        raise _method_refused(hop, "passwords", accepted)
    if not os.environ.get(variable):
        raise password_unset(variable)
    # The password is in no variable of ours, so that no traceback with local variables shows it.
    further = _prove(
        lambda: transport.auth_password(hop.user, os.environ[variable]),
        transport,
        hop,
        deadline,
        tried=(),
    )
    if further is None:
        raise _wrong_password(hop, variable)
    if further:
        raise _second_factor(hop, further)


def password_unset(variable: str) -> ConnectError:
    """Explain that the environment variable for a password is not set."""
    message = f"the environment variable `{variable}` with the password is not set"
    help_ = f"set it: `read -rs {variable} && export {variable}`"
    return ConnectError("password_unset", message, help_)


def _log_in_by_key(
    transport: Transport, hop: Hop, accepted: Sequence[str], deadline: Deadline
) -> None:
    if "publickey" not in accepted:
        raise _method_refused(hop, "keys", accepted)
    tried: list[str] = []
    keys = Keys(hop, deadline)
    try:
        for candidate in keys.candidates():
            tried.append(candidate.label)
            if _try_key(transport, hop, candidate.key, tried, deadline):
                return
    finally:
        keys.close()
    if keys.faults and (hop.explicit_key or not tried):
        raise keys.faults[0]
    raise _no_key_accepted(hop, tried)


def _try_key(
    transport: Transport, hop: Hop, key: PKey, tried: list[str], deadline: Deadline
) -> bool:
    further = _prove(
        lambda: transport.auth_publickey(hop.user, key), transport, hop, deadline, tried
    )
    if further:
        raise _second_factor(hop, further)
    return further is not None


def _prove(
    send: Callable[[], list[str]],
    transport: Transport,
    hop: Hop,
    deadline: Deadline,
    tried: Sequence[str],
) -> list[str] | None:
    """Authenticate; return the methods that are required in addition, or None if refused.

    No exception of paramiko leaves this function, because its traceback leads to the password.
    """
    transport.auth_timeout = deadline.left()
    with suppress(SSHException, EOFError, OSError):
        return send()
    if transport.is_active() and not deadline.passed:
        return None
    raise _broken_off(hop, deadline, tried)


def _method_refused(hop: Hop, offered: str, accepted: Sequence[str]) -> ConnectError:
    message = f"{hop} accepts no {offered}, but only {', '.join(accepted) or 'nothing'}"
    way = "name an `identity_file`" if offered == "passwords" else "name a `password_env`"
    return ConnectError("authentication", message, f"{way}, or change the server's settings")


def _wrong_password(hop: Hop, variable: str) -> ConnectError:
    message = f"{hop} refuses the password in the environment variable `{variable}`"
    help_ = f"correct the variable, or `user`; try the password by `{hop.ssh_command}`"
    return ConnectError("authentication", message, help_)


def _second_factor(hop: Hop, further: Sequence[str]) -> ConnectError:
    message = f"{hop} requires more than one authentication method: also {' or '.join(further)}"
    help_ = "let the server accept a key alone (`AuthenticationMethods publickey`)"
    return ConnectError("authentication", message, help_)


def _no_key_accepted(hop: Hop, tried: Sequence[str]) -> ConnectError:
    if not tried:
        message = f"there is no private key to log in to {hop} with"
        help_ = "name an `identity_file` or a `password_env`, or add a key to the SSH agent"
        return ConnectError("authentication", message, help_)
    message = f"{hop} accepts none of the keys: {', '.join(dict.fromkeys(tried))}"
    target = shlex.quote(f"{hop.user}@{hop.server.host}")
    file = shell_path(hop.keys[0])
    help_ = (
        f"correct `user` or `identity_file`, or let the machine accept the key:"
        f" `ssh-copy-id -i {file} -p {hop.server.port} {target}`"
    )
    return ConnectError("authentication", message, help_)


def _broken_off(hop: Hop, deadline: Deadline, tried: Sequence[str]) -> ConnectError:
    if deadline.passed:
        message = f"{hop} has not answered the login request within {deadline.seconds:g} s"
        help_ = f"check whether `{hop.ssh_command}` is as slow, or raise `connect_timeout`"
        return ConnectError("timeout", message, help_)
    if len(tried) >= _MANY_KEYS:
        message = f"{hop} closed the connection after {len(tried)} keys"
        help_ = "name the right key in `identity_file`, so that no other is tried"
        return ConnectError("authentication", message, help_)
    message = f"{hop} closed the connection during the login"
    help_ = f"check what `{hop.ssh_command}` prints, and the log of the SSH server"
    return ConnectError("closed", message, help_)
