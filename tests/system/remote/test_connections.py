"""A connection that breaks at any moment costs no trial."""

import pytest

from tests.system.driven_sweeps import output_of
from tests.system.remote.disturbed_sweeps import assert_unharmed, began

CUT = "waiting for box1, which cannot be reached: "


def test_cut_while_the_code_is_sent_the_code_is_sent_again(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=1",))
    (sweep.code / "weights").write_bytes(bytes(48 << 20))
    (box.home / "go").touch()
    driver = sweep.start()
    codes = box.home / ".sweepwright" / "code"
    sweep.wait_until(lambda: any(file.stat().st_size for file in codes.glob(".part-*")))
    box.freeze()
    arrived = [path.name for path in codes.iterdir()]
    box.kill_sessions()
    box.thaw()
    printed = output_of(driver)

    assert len(arrived) == 1
    assert arrived[0].startswith(".part-")
    assert [path.suffix for path in codes.iterdir()] == [".tar"]
    assert CUT in printed
    assert began(box) == {0: 1}
    assert_unharmed(sweep, 1)


@pytest.mark.ci_only
def test_cut_before_a_start_the_trial_starts_once(servers, sweep_on) -> None:
    """The machine is frozen before it has read the order to start, and then cut off."""
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    (box.home / "go").touch()
    driver = sweep.start()
    sweep.wait_until(lambda: any(box.home.glob(".sweepwright/sweeps/*/events.log")))
    box.freeze()
    box.kill_sessions()
    box.thaw()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


def test_cut_in_the_middle_the_trial_goes_on(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    box.kill_sessions()
    sweep.wait_until(lambda: "nothing is refused any more" in driver.read_output())
    (box.home / "go").touch()
    printed = output_of(driver)

    assert printed.count(CUT) == 1
    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_cut_at_the_end_the_result_is_read_later(servers, sweep_on) -> None:
    """The trial ends while nobody can hear of it."""
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2", "concurrency=1"))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1})
    box.freeze()
    (box.home / "go").touch()
    log = next(box.home.glob(".sweepwright/sweeps/*/events.log"))
    sweep.wait_until(lambda: '"event":"ended"' in log.read_text())
    box.kill_sessions()
    box.thaw()
    printed = output_of(driver)

    assert printed.count(CUT) == 1
    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)
