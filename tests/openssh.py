"""Real OpenSSH servers on loopback, each of which stands for a machine.

Each has a port, a host key and a home folder of its own; the user is whoever runs the tests. At
the end every process is ended that a server has started, also one that has left its session.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest

from tests.ssh_logins import key_pair

# sshd starts itself anew for each connection, so it wants its own absolute path.
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
START_SECONDS = 20
MISSING = "no OpenSSH server is installed (Debian: `apt-get install openssh-server`)"


@dataclass
class Server:
    """An OpenSSH server that can be frozen, cut off and ended."""

    name: str
    folder: Path
    host_key: str
    """The public host key, as its type and base64."""
    identity_file: Path
    known_hosts: Path
    lines: tuple[str, ...] = ()
    wrapper: tuple[str, ...] = ()
    """Beginning of the command line that starts the server, such as that of ``unshare``."""
    host: str = "127.0.0.1"
    user: str = field(default_factory=getpass.getuser)
    port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def home(self) -> Path:
        """The home folder of everything that runs on this machine."""
        return self.folder / "home"

    @property
    def known_hosts_line(self) -> str:
        """The line by which a client knows the server."""
        return f"[{self.host}]:{self.port} {self.host_key}"

    @property
    def root(self) -> Path:
        """The root folder as the server sees it, whose `wrapper` may have mounted something."""
        return Path("/proc", str(self._process.pid if self._process else "self"), "root")

    @property
    def log(self) -> str:
        """What the server has logged."""
        return (self.folder / "log").read_text()

    def options(self, **more: Any) -> dict[str, Any]:
        """Return the options of a machine of ``platform=remote``, with more or other ones."""
        return {
            "name": self.name,
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "identity_file": str(self.identity_file),
            "agent": False,
            "known_hosts": str(self.known_hosts),
            "ssh_config": "none",
            "python": sys.executable,
        } | more

    def sessions(self) -> list[int]:
        """List the server's processes for its connections; one that is dead is none."""
        if self._process is None:
            return []
        return [each.pid for each in _descendants(self._process.pid) if _is_session(each)]

    def freeze(self) -> None:
        """Stop the server and its sessions, which still hold their sockets."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server and its sessions go on."""
        self._signal(signal.SIGCONT)

    def kill_sessions(self) -> None:
        """Cut all connections."""
        for pid in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Start the server, on its port of before if it had one."""
        deadline = monotonic() + START_SECONDS
        port = self.port
        while not self._try_start(port or _free_port(self.host)):
            if monotonic() > deadline:
                raise TimeoutError(f"sshd does not start: {self.log}")

    def stop(self) -> None:
        """End the server and cut all connections; what its sessions have started goes on."""
        if self._process is None:
            return
        self.thaw()
        sessions = self.sessions()
        self._process.kill()  # first, so that it accepts no connection in the meantime
        self._process.wait()
        for pid in sessions:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process = None

    def restart(self) -> None:
        """Start the server anew, on the same port and with the same host key."""
        self.stop()
        self.start()

    def processes(self) -> list[psutil.Process]:
        """List the processes of this machine that its sessions have started."""
        return [each for each in psutil.process_iter() if _home_of(each) == str(self.home)]

    def close(self) -> None:
        """End the server and everything that its sessions have started."""
        self.stop()
        while alive := self.processes():
            for each in alive:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            sleep(0.002)

    def _try_start(self, port: int) -> bool:
        """Start the server; false if its port was taken by somebody in the meantime."""
        self.port = port
        pid_file = self.folder / "pid"
        pid_file.unlink(missing_ok=True)
        (self.folder / "sshd_config").write_text("\n".join(self._config()) + "\n")
        self._process = subprocess.Popen(self._command())
        while self._process.poll() is None:
            # The server writes this file once it listens.
            if pid_file.exists():
                return True
            sleep(0.002)
        self._process = None
        return False

    def _command(self) -> list[str]:
        command = [*self.wrapper, SSHD or "", "-D", "-f", str(self.folder / "sshd_config")]
        command += ["-E", str(self.folder / "log")]
        # Tests that are killed leave no server behind.
        leash = shutil.which("setpriv")
        return [leash, "--pdeathsig", "KILL", *command] if leash else command

    def _config(self) -> list[str]:
        return [
            *self.lines,  # the first value of an option counts
            f"ListenAddress {self.host}",
            f"Port {self.port}",
            f"HostKey {self.folder / 'host_key'}",
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
            f"PidFile {self.folder / 'pid'}",
            f'SetEnv "HOME={self.home}"',
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "UsePAM no",
            "StrictModes no",  # the folders of tests may be anybody's
            "MaxSessions 100",
            "MaxStartups 100",
        ]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        for pid in [self._process.pid, *self.sessions()]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


class Servers:
    """The servers of a test, and the files of the client that knows them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity_file = _write_key(folder / "id_ed25519", *key_pair("user"))
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.touch()
        self._servers: list[Server] = []

    def start(self, name: str, *, known: bool = True, **more: Any) -> Server:
        """Start a server that admits the client's key.

        Parameters
        ----------
        known : bool
            Whether the client knows its host key.
        more
            Fields of `Server`, of which `lines` precede our lines of ``sshd_config``.
        """
        folder = self.folder / name
        (folder / "home").mkdir(parents=True)
        private, public = key_pair(f"host {len(self._servers)}")
        _write_key(folder / "host_key", private, public)
        (folder / "authorized_keys").write_text(key_pair("user")[1])
        key = " ".join(public.split()[:2])
        server = Server(name, folder, key, self.identity_file, self.known_hosts, **more)
        server.start()
        self._servers.append(server)
        if known:
            with self.known_hosts.open("a") as file:
                file.write(server.known_hosts_line + "\n")
        return server

    def close(self) -> None:
        """End all servers, and everything that runs on them."""
        for server in self._servers:
            server.close()


@contextmanager
def running_servers(folder: Path) -> Iterator[Servers]:
    """Give servers that end with the context; skip the test where sshd is not installed."""
    require_sshd()
    servers = Servers(folder)
    try:
        yield servers
    finally:
        servers.close()


def require_sshd() -> None:
    """Skip the test where no OpenSSH server is installed."""
    if SSHD is None:
        pytest.skip(MISSING)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # a service of the system would make it


@contextmanager
def silent_port(*, backlog: bool = False) -> Iterator[int]:
    """Give a port that accepts connections and says nothing.

    With `backlog`, its queue of connections is full, so that it drops every further packet, like
    a firewall.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting: list[socket.socket] = []
        try:
            for _ in range(2 if backlog else 0):
                waiting.append(socket.socket())
                waiting[-1].settimeout(0)
                waiting[-1].connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for each in waiting:
                each.close()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _is_session(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("sshd") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _home_of(process: psutil.Process) -> str | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.environ().get("HOME")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _write_key(path: Path, private: str, public: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(private)
    path.with_name(f"{path.name}.pub").write_text(public)
    return path


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        return listener.getsockname()[1]
