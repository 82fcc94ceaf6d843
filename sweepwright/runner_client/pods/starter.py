"""Starts the agent of a container: unpacks its kit, which must be the one that was sent."""

import sys

# The first entry is the current folder, whose scripts must not pass for modules.
sys.path[:] = [folder for folder in sys.path if folder]

import errno  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import time  # noqa: E402


def start():
    pod = json.loads(os.environ["SWEEPWRIGHT_POD"])
    if sys.version_info < (3, 8):
        version = ".".join(map(str, sys.version_info[:3]))
        refuse(pod, "%s is Python %s, and trials need 3.8 or newer" % (sys.executable, version))
    kit = pod["kit"]
    try:
        folder = unpack(kit["archive"], kit["hash"], os.path.join(pod["scratch"], "kit"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the log must tell it
        reason = "the kit %s cannot be unpacked: %s" % (kit["archive"], error)
        full = getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT)
        (lose if full else refuse)(pod, " ".join(reason.split()))
    sys.path.insert(0, folder)
    from sweepwright.runner.pod.main import main

    sys.exit(main(pod))


def unpack(archive, sha256, folder):
    import hashlib
    import tarfile

    with open(archive, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if not found == sha256:
        raise ValueError("it is damaged")
    with tarfile.open(archive) as tar:
        # Nothing needs to be filtered, because the hash shows that this is what was sent.
        tar.extraction_filter = lambda member, _: member
        tar.extractall(folder)  # noqa: S202
    return folder


def refuse(pod, reason):
    """Say that no container like this one can run the trial."""
    end(pod, reason, {"event": "refused", "reason": reason}, {"refused": reason})


def lose(pod, reason):
    """Say that this container cannot run the trial, which is no fault of the trial."""
    failure = {"kind": "lost", "message": reason}
    end(pod, reason, {"event": "ended", "failure": failure}, {"failure": failure})


def end(pod, reason, event, outcome):
    place = json.dumps({"run": "start", "time": time.time(), "text": 0})
    print("sweepwright: " + reason)
    # The members of a dict come in any order in Python 2, and the number must be the first.
    number = "{" + json.dumps("sweepwright_record") + ":1,"
    print(number + place[1:-1] + "," + json.dumps(event)[1:])
    sys.stdout.flush()
    if pod["termination"] and os.path.exists(pod["termination"]):
        with open(pod["termination"], "w") as file:
            json.dump({"sweepwright_ended": dict(outcome, records=1)}, file)
    sys.exit(1)


if __name__ == "__main__":
    start()
