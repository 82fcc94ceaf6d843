"""Resources that the machine refuses, for a while or for ever."""

import errno
from dataclasses import dataclass

from tests.system.campaign.runs import Grounds, Observed
from tests.system.campaign.verdicts import Verdict
from tests.system.faults.library import Fault, with_faults
from tests.system.sweeps import start

TRIALS = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fault of the machine."""

    fault: Fault
    passes: bool
    """Whether the sweep must wait and end well; otherwise it ends as interrupted."""

    def __str__(self) -> str:
        """Name the call and the error."""
        fault = self.fault
        error = errno.errorcode[fault.error or 0]
        return f"{fault.process} {fault.call} {fault.path} {fault.first}+{fault.times} {error}"


def _for_a_while(
    process: str, call: str, path: str, *errors: int, firsts: tuple[int, ...] = (1, 4)
) -> list[Refusal]:
    return [
        Refusal(Fault(process, call, error, path, first=first, times=2), passes=True)
        for error in errors
        for first in firsts
    ]


def _for_ever(process: str, call: str, path: str, *errors: int) -> list[Refusal]:
    return [
        Refusal(Fault(process, call, error, path, first=4, times=0), passes=False)
        for error in errors
    ]


REFUSALS = [
    *_for_a_while("server", "mkdir", "/trials/", errno.ENOSPC, errno.EDQUOT, errno.ENOMEM),
    *_for_a_while("server", "open", "/main-0.std", errno.ENOSPC, errno.EMFILE, errno.ENFILE),
    *_for_a_while("server", "fork", "", errno.EAGAIN, errno.ENOMEM),
    *_for_a_while("server", "mkdir", "/trials/", errno.EMFILE),
    *_for_a_while("driver", "socketpair", "", errno.EMFILE, errno.ENFILE),
    # The first four calls watch the server and its keepers, the next ones the pipes of reports.
    *_for_a_while("driver", "epoll_ctl", "", errno.ENOMEM, errno.ENOSPC, firsts=(1, 5)),
    *_for_a_while("driver", "mkfifo", "/reports/", errno.ENOSPC, errno.EDQUOT),
    *_for_a_while("driver", "mkdir", "/trials", errno.ENOSPC, errno.EDQUOT),
    *_for_a_while("driver", "write", "journal.sqlite-wal", errno.ENOSPC, errno.EDQUOT),
    *_for_ever("server", "mkdir", "/trials/", errno.EROFS, errno.EIO, errno.ESTALE),
    *_for_ever("server", "open", "/main-0.std", errno.EROFS, errno.EIO, errno.EACCES),
    *_for_ever("driver", "write", "journal.sqlite-wal", errno.EIO, errno.EROFS, errno.ESTALE),
    # After a failed fsync the kernel may have dropped the pages, so trying again proves nothing.
    *_for_ever("driver", "fsync", "journal.sqlite-wal", errno.EIO, errno.ENOSPC, errno.EDQUOT),
    *_for_ever("driver", "mkfifo", "/reports/", errno.EROFS, errno.EIO),
]


def refuse(grounds: Grounds, refusal: Refusal) -> Verdict:
    """Run a sweep whose machine refuses something, and resume it if it was interrupted."""
    name = str(refusal)
    observed, store = Observed(), grounds.store("".join(c if c.isalnum() else "-" for c in name))
    arguments = grounds.arguments(store, "hashed", TRIALS)
    log = grounds.folder / f"{store.name}.log"
    driver = start(arguments, with_faults(grounds.environment, [refusal.fault], log))
    code = observed.ended(driver, [0, 1, 2])
    happened = int(log.exists())
    begun = any(store.glob("[!.]*/journal.sqlite"))
    # A sweep that cannot be created does not wait: the command says so and ends.
    if happened and begun and (code == 0) != refusal.passes:
        observed.faults.add("exit")
    if code:
        again = grounds.resume(store, observed) if begun else start(arguments, grounds.environment)
        observed.ended(again, [0])
    grounds.judge(store, "hashed", TRIALS, observed)
    if "retried" in observed.faults:
        observed.faults = observed.faults - {"retried"} | {"spent"}
    return Verdict("refusals", name, sorted(observed.faults), observed.detail, happened)
