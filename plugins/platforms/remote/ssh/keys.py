"""Private keys to log in with: from files, and from the SSH agent."""

import base64
import os
import socket
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from paramiko import AgentKey, PasswordRequiredException, PKey, SSHException
from paramiko.agent import AgentSSH

from .connect_error import ConnectError, Deadline, expand, shell_path
from .ssh_config import Hop


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key to try."""

    label: str
    """Name of the key in messages: its path, or `a key of the agent`."""
    key: PKey


class Keys:
    """The keys that a hop may log in with, in the order in which they are tried."""

    def __init__(self, hop: Hop, deadline: Deadline) -> None:
        self._hop = hop
        self._agent = _Agent(deadline) if hop.agent else None
        self.faults: list[ConnectError] = []
        """What is wrong with files that could not be used."""

    def candidates(self) -> Iterator[Candidate]:
        """Yield the keys of files first, then those of the agent.

        Raises
        ------
        ConnectError
            If the key that the options name cannot be used, or the agent does not answer.
        """
        named: set[bytes] = set()
        for path in self._hop.keys:
            named |= _public_blob(path)
            if key := self._load(path):
                yield Candidate(f"`{path}`", key)
        # Of an encrypted file without a `.pub` file beside it, the public half is unknown, so
        # that any key of the agent may be the one in the file.
        only_named = self._hop.identities_only and not (self.faults and not named)
        for key in self._agent.open() if self._agent else ():
            if not only_named or key.asbytes() in named:
                yield Candidate("a key of the agent", key)

    def close(self) -> None:
        """Close the connection to the agent."""
        if self._agent is not None:
            self._agent.close()

    def _load(self, path: str) -> PKey | None:
        """Load a private key; None if there is none that can be used."""
        try:
            _check_mode(path)
            return PKey.from_path(expand(path))
        except ConnectError as error:
            fault = error
        except FileNotFoundError:
            if not self._hop.explicit_key:
                return None
            fault = _missing_key(path)
        except OSError as error:
            fault = _unreadable_key(path, error.strerror or "an error")
        except (TypeError, PasswordRequiredException):
            # A TypeError is what cryptography raises if a key is encrypted. The agent may have it.
            self.faults.append(_encrypted_key(path, asks_agent=self._hop.agent))
            return None
        except Exception:  # noqa: BLE001 - anything, for bytes that are no key
            fault = _no_key(path)
        if self._hop.explicit_key:
            raise fault
        self.faults.append(fault)
        return None


class _Agent(AgentSSH):
    """A client of the SSH agent that, unlike paramiko's, does not wait for ever."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline
        self._socket: socket.socket | None = None

    def open(self) -> Sequence[AgentKey]:
        """Connect to the agent, and return its keys; none if no agent is running."""
        path = os.environ.get("SSH_AUTH_SOCK")
        if not path:
            return ()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(self._deadline.left())
        try:
            self._socket.connect(path)
            self._connect(self._socket)  # type: ignore[attr-defined] # as paramiko's own does
        except TimeoutError:
            message = "the SSH agent does not answer"
            help_ = "restart it, or set `agent` to false and name an `identity_file`"
            raise ConnectError("agent", message, help_) from None
        except (SSHException, OSError):
            return ()
        return self.get_keys()

    def close(self) -> None:
        """Close the connection to the agent."""
        if self._socket is not None:
            self._socket.close()


def _check_mode(path: str) -> None:
    """Refuse a private key that others may read, as ssh does."""
    status = expand(path).stat()
    if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & 0o077:
        message = f"the private key `{path}` can be read by others"
        help_ = f"`chmod 600 {shell_path(path)}`"
        raise ConnectError("key_file", message, help_)


def _public_blob(path: str) -> set[bytes]:
    """Read the public half of a key, if it is beside the private half."""
    try:
        words = Path(f"{expand(path)}.pub").read_text(encoding="utf-8").split()
        return {base64.b64decode(words[1])}
    except (OSError, ValueError, IndexError):
        return set()


def _key_error(message: str, help_: str) -> ConnectError:
    return ConnectError("key_file", message, help_)


def _missing_key(path: str) -> ConnectError:
    return _key_error(f"there is no private key `{path}`", "correct `identity_file`")


def _unreadable_key(path: str, reason: str) -> ConnectError:
    message = f"the private key `{path}` cannot be read: {reason.lower()}"
    return _key_error(message, "make it readable for you alone, or correct `identity_file`")


def _no_key(path: str) -> ConnectError:
    help_ = "name the private key, not the `.pub` file; its type must be Ed25519, ECDSA or RSA"
    return _key_error(f"`{path}` is not a usable private key", help_)


def _encrypted_key(path: str, *, asks_agent: bool) -> ConnectError:
    start = "" if os.environ.get("SSH_AUTH_SOCK") else "eval $(ssh-agent) && "
    help_ = f"add it to the SSH agent: `{start}ssh-add {shell_path(path)}`"
    if not asks_agent:
        help_ = f"set `agent` to true, and {help_}"
    return _key_error(f"the private key `{path}` is encrypted", help_)
