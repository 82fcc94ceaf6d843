"""What tests of the compiler share: the option `--update`, and a folder with all cases."""

from pathlib import Path

import pytest

from tests.core.compiler.finding_cases import lay_out


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected findings")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update", default=False))


@pytest.fixture(scope="session")
def cases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in whose `data/` every case is a file, beside the trials that cases refer to."""
    return lay_out(tmp_path_factory.mktemp("findings"))
