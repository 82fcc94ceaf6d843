"""Contract suites and a simulated platform, for the authors of plugins.

A tuner, an assessor or a platform is put through its contract by a few lines in a test file::

    from sweepwright.testing.tuners import TunerSuite

    from my_package.plugin import sweep_tuners


    class TestMine(TunerSuite):
        provider = sweep_tuners()[0]

`pytest` runs every check of the suite, a tuner's once for each problem of `testing.problems`
that it can search. What a plugin may rightly do otherwise is said by attributes of the class
(``repeats``, ``ends``, ``seeded``, ``outlives`` …) and by overriding ``options``.

==================== =========================================================
``tuners``           `TunerSuite`
``assessors``        `AssessorSuite`
``platforms``        `PlatformSuite`, for platforms of any kind
``processes``        `ProcessSuite`, for those whose processes are on this machine; needs psutil
``simulated``        a platform with a virtual clock, for tests that drive whole sweeps
``rehearsal``        plays driver to a tuner, for tests of what a tuner does
``hashed``           a tuner that shows whether a sweep replays exactly
``verdict``          runs a suite without pytest
==================== =========================================================

Failed checks show their values where ``conftest.py`` says, before it imports any suite,
``pytest.register_assert_rewrite("sweepwright.testing")``.
"""
