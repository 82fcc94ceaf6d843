"""A machine whose far end is not ours is named in one line, and the others run the trials."""

import sys

import pytest

from tests.system.driven_sweeps import output_of
from tests.system.remote.disturbed_sweeps import assert_unharmed, began

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[1A"
PRINT = "import os, sys, json\ndef say(text):\n    os.write(1, text.encode())\n"
SESSION = """
say("\\n@sweepwright-runner " + '{"python":[3,11,0]}\\n{"ok":true}\\n')
os.write(2, EVIL.encode() * 100_000)
for line in sys.stdin.buffer:
    if b'"do":"probe"' in line:
        say(ANSWER + "\\n")
"""
FACTS = """{"ok": True, "facts": {
    "host": EVIL, "system": EVIL, "python": {"executable": EVIL, "version": [3, 11, 0]},
    "packages": {}, "folder": {"path": EVIL, "error": EVIL}, "cpus": 4, "memory": 1e9,
    "gpus": {"devices": [], "error": EVIL}, "clock": 1e9}}"""
SCRIPTS = {
    "banner": ("while True: say(EVIL * 1000)", "prints endlessly, and is not a runner"),
    "line": ("say('\\n@sweepwright-runner ')\nwhile True: say(EVIL * 1000)", "that is too long"),
    "last words": ("say(EVIL + 'this account\\n')", "this account"),
    "missing": ("say('\\n@sweepwright-runner unactivated\\n')", "the activation command fails"),
    "nonsense": (SESSION.replace("ANSWER", "EVIL"), "sends something that is not a message"),
    "nan": (SESSION.replace("ANSWER", "'{\"facts\": NaN}'"), "that is not a message"),
    "deep": (SESSION.replace("ANSWER", "'[' * 100_000"), "sends something that is not a message"),
    "refusal": (
        SESSION.replace("ANSWER", 'json.dumps({"error": EVIL + "no", "kind": EVIL})'),
        "no",
    ),
    "facts": (SESSION.replace("ANSWER", f"json.dumps({FACTS})"), "cannot be used"),
}

SLOW = [pytest.mark.ci_only]


@pytest.mark.parametrize("name", [pytest.param(n, marks=SLOW * (n != "line")) for n in SCRIPTS])
def test_a_machine_that_is_no_runner_is_left_out(servers, sweep_on, tmp_path, name: str) -> None:
    script, reason = SCRIPTS[name]
    far_end = tmp_path / "far_end.py"
    far_end.write_text(f"{PRINT}EVIL = {EVIL!r}\n{script}\n")
    forced = f"ForceCommand exec {sys.executable} {far_end}"
    (tmp_path / "motd").write_text(EVIL)
    hostile = servers.start("hostile", lines=(forced, f"Banner {tmp_path / 'motd'}"))
    good = servers.start("good")
    sweep = sweep_on(hostile, good, overrides=("max_trials=2",))
    (good.home / "go").touch()
    printed = output_of(sweep.start())
    warnings = [line for line in printed.splitlines() if "warning[M101]" in line]
    (warning,) = [line for line in warnings if reason in line]

    assert "machine `hostile`: " in warning
    assert "the machine is left out" in warning
    assert len(warning) < 700
    assert not {"\x1b", "\x07"} & set(printed)
    assert "Traceback" not in printed
    assert began(good) == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)
