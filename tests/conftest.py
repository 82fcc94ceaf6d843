"""What all tests share: suites show the values of failed checks, hypothesis is steady."""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("sweepwright.testing")
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")
