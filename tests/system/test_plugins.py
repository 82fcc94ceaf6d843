"""A plugin package of somebody else's, installed, used and uninstalled."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTY = Path(__file__).parent / "data" / "third_party"
BROKEN = (
    "broken (sweepwright-broken 0.0.1)",
    "ImportError: libcuda.so.1: cannot open shared object file",
)


class Environment:
    """A throw-away environment that sees everything installed in this one."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False)
        self.folder = folder
        self.python = folder / "bin" / "python"
        here = sysconfig.get_path("purelib")
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "outer.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")

    def pip(self, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--no-input", "-q"]
        subprocess.run([*pip, *arguments], check=True, capture_output=True)

    def install(self, wheels: Sequence[Path]) -> None:
        self.pip("install", "--no-deps", "--no-index", *map(str, wheels))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), str(ROOT / "run.py"), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Build both packages, from copies so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = shutil.copytree(THIRD_PARTY, folder / "sources")
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    build = [sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", str(folder)]
    subprocess.run([*build, *map(str, sources.iterdir())], check=True, capture_output=True)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Environment:
    """An environment with both packages."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.install(wheels)
    return environment


def test_its_choices_are_shown_in_the_help_with_their_source(installed: Environment) -> None:
    shown = installed.run("--help").stdout

    assert "tuner       asha, batch, bohb, coin, gp, grid," in shown
    assert "tosses a coin for each trial (sweepwright-coin 1.2.3)" in shown
    assert "space       coins, mnist, mnist_" in shown


def test_its_tuner_and_its_space_run_a_sweep(installed: Environment) -> None:
    ran = installed.run(
        "tuner=coin", "tuner.bias=0.9", "space=coins", "trial=noop", "max_trials=4"
    )
    best = json.loads(installed.run("best", "--format", "json").stdout)

    assert ran.returncode == 0, ran.stderr
    assert "4 trials finished" in ran.stdout
    assert set(best["assignment"]) == {"coins", "metal"}


def test_its_options_are_checked(installed: Environment) -> None:
    checked = installed.run("check", "tuner=coin", "tuner.bais=0.9", "trial=noop")

    assert checked.returncode == 2
    assert "did you mean `bias`?" in checked.stdout


def test_another_broken_plugin_is_listed_and_stops_no_sweep(installed: Environment) -> None:
    listed = installed.run("plugins")

    assert listed.returncode == 0
    assert all(words in listed.stdout for words in BROKEN)
    (row,) = (line for line in listed.stdout.splitlines() if line.startswith("coin "))
    assert row.split() == ["coin", "sweepwright-coin", "1.2.3", "ok", "tuner=coin"]
    assert installed.run("check", "trial=noop").returncode == 0


def test_the_help_for_an_unknown_name_mentions_the_broken_plugin(installed: Environment) -> None:
    checked = installed.run("check", "tuner=quantum", "trial=noop")

    assert checked.returncode == 2
    assert all(words in checked.stdout for words in BROKEN)


def test_after_uninstalling_a_finding_suggests_to_install_it(
    tmp_path: Path, wheels: list[Path]
) -> None:
    environment = Environment(tmp_path)
    environment.install([wheel for wheel in wheels if "coin" in wheel.name])
    ran = environment.run("tuner=coin", "trial=noop", "max_trials=2")
    environment.pip("uninstall", "-y", "sweepwright-coin")
    checked = environment.run("check", "tuner=coin", "trial=noop")
    resumed = environment.run("resume", "max_trials=4")

    assert ran.returncode == 0, ran.stderr
    assert checked.returncode == 2
    assert "no `tuner` is called `coin`" in checked.stdout
    assert "if a plugin offers `coin`, install it" in checked.stdout
    assert resumed.returncode != 0
    assert "no tuner is called `coin`" in resumed.stderr
    assert "Traceback" not in resumed.stderr
