"""The registry: plugins are found, checked, and answer for themselves alone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sweepwright.contracts import (
    AssessorProvider,
    FrameworkProvider,
    PlatformProvider,
    PluginError,
    Problem,
    Provider,
    TunerProvider,
)
from sweepwright.core.plan.plan import Selection
from sweepwright.core.registry import registry as registry_module
from sweepwright.core.registry.loading import load_plugin
from sweepwright.core.registry.registry import Registry, UnknownProvider
from sweepwright.hooks import hookimpl
from sweepwright.testing.problems import PROBLEMS

PROBLEM = PROBLEMS["smooth"]


@dataclass(frozen=True)
class CoinOptions:
    bias: float = 0.5


def arguments_of(*arguments: Any) -> Any:
    """Build what it was given, to be looked at."""
    return arguments


def coin(name: Any = "coin", options: Any = CoinOptions, build: Any = None) -> TunerProvider[Any]:
    return TunerProvider(name, options, build or arguments_of)


def penny(name: str = "penny") -> PlatformProvider[Any]:
    return PlatformProvider(name, CoinOptions, arguments_of)


def plugin(**hooks: Any) -> SimpleNamespace:
    """Make a plugin whose hooks return what they are given."""
    return SimpleNamespace(**{name: hookimpl(lambda v=v: v) for name, v in hooks.items()})


def test_a_provider_is_found_with_its_source() -> None:
    provider = coin()
    registry = Registry.of({"coins": plugin(sweep_tuners=[provider])})

    assert registry.find("tuner", "coin") is provider
    assert registry.names("tuner") == ["coin"]
    assert registry.names("platform") == []
    assert registry.distribution("tuner", "coin") == "in-memory 0"
    assert registry.plugins[0].offers == ("tuner=coin",)


def test_a_hook_may_be_a_generator() -> None:
    class Generous:
        @hookimpl
        def sweep_platforms(self) -> Iterator[PlatformProvider[Any]]:
            yield penny()
            yield penny("cent")

    assert Registry.of({"coins": Generous()}).names("platform") == ["cent", "penny"]


def test_config_paths_are_collected() -> None:
    registry = Registry.of({"coins": plugin(sweep_config_paths=["pkg://coins.conf"])})

    assert registry.config_paths == ["pkg://coins.conf"]


def test_an_unknown_name_comes_with_the_nearest() -> None:
    registry = Registry.of({"coins": plugin(sweep_tuners=[coin()])})
    with pytest.raises(UnknownProvider) as caught:
        registry.find("tuner", "con")

    assert (caught.value.kind, caught.value.name, caught.value.known) == ("tuner", "con", ["coin"])
    assert caught.value.help == "did you mean `coin`?; if a plugin offers `con`, install it"
    assert str(caught.value).startswith("no tuner is called `con`; did you mean")


def test_an_unknown_name_of_a_kind_nobody_offers_has_help_too() -> None:
    with pytest.raises(UnknownProvider, match="if a plugin offers `x`, install it"):
        Registry.of({}).find("assessor", "x")


def test_the_help_names_broken_plugins_that_might_offer_the_name() -> None:
    registry = Registry.of({"coins": plugin(sweep_tuner=[coin()])})
    with pytest.raises(UnknownProvider) as caught:
        registry.find("tuner", "coin")

    assert "plugin coins (in-memory 0) is broken: no hook is called `sweep_tuner`" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (plugin(sweep_tuner=[]), "no hook is called `sweep_tuner`; did you mean `sweep_tuners`?"),
        (SimpleNamespace(), "implements no hook; is `@hookimpl` missing?"),
        (plugin(sweep_tuners="coin"), "`sweep_tuners` returned 'coin', not a list"),
        (plugin(sweep_tuners=3), "`sweep_tuners` returned 3, not a list"),
        (plugin(sweep_tuners=["coin"]), "`sweep_tuners` offers 'coin', not a TunerProvider"),
        (plugin(sweep_tuners=[coin("Coin")]), "`sweep_tuners` offers the name 'Coin'"),
        (plugin(sweep_tuners=[coin(3)]), "`sweep_tuners` offers the name 3"),
        (plugin(sweep_tuners=[coin(), coin()]), "`sweep_tuners` offers `coin` twice"),
        (plugin(sweep_tuners=[coin(options=dict)]), "`coin` cannot be configured: its options"),
        (plugin(sweep_tuners=[coin(build=3)]), "`build` of `coin` is 3, not a function"),
        (plugin(sweep_config_paths=["conf"]), "`sweep_config_paths` offers 'conf', not a folder"),
        (plugin(sweep_config_paths=[3]), "`sweep_config_paths` offers 3, not a folder"),
    ],
)
def test_a_plugin_that_breaks_the_rules_is_broken(broken: Any, error: str) -> None:
    (status,) = Registry.of({"coins": broken}).plugins

    assert status.state == "broken"
    assert status.error is not None
    assert status.error.startswith(error)


PROVIDERS: dict[str, type[Provider]] = {
    "sweep_tuners": TunerProvider,
    "sweep_assessors": AssessorProvider,
    "sweep_platforms": PlatformProvider,
    "sweep_frameworks": FrameworkProvider,
}


@pytest.mark.parametrize("hook", PROVIDERS)
@pytest.mark.parametrize("offered", PROVIDERS.values(), ids=lambda kind: kind.__name__)
def test_a_hook_may_offer_only_providers_of_its_own_kind(hook: str, offered: Any) -> None:
    wanted = PROVIDERS[hook]
    penny = offered("penny", CoinOptions, lambda *_: None)
    (status,) = Registry.of({"coins": plugin(**{hook: [penny]})}).plugins

    assert status.error == (
        None
        if offered is wanted
        else f"`{hook}` offers `penny`, a {offered.__name__}, not a {wanted.__name__}"
    )


def test_an_option_called_name_is_refused() -> None:
    @dataclass
    class Options:
        name: str = ""

    (status,) = Registry.of({"coins": plugin(sweep_tuners=[coin(options=Options)])}).plugins

    assert status.error == "`coin` has an option `name`, a key that selects the provider"


def test_a_hook_with_an_unknown_argument_is_broken() -> None:
    class Curious:
        @hookimpl
        def sweep_tuners(self, config: Any) -> list[Any]:
            return [config]

    (status,) = Registry.of({"coins": Curious()}).plugins

    assert status.state == "broken"
    assert "config" in (status.error or "")


@pytest.mark.parametrize("error", [ImportError("no torch"), SystemExit(3), KeyError()])
def test_a_plugin_that_cannot_be_loaded_is_broken(error: BaseException) -> None:
    def load() -> object:
        raise error

    loaded = load_plugin("coins", "coins-dist", "1.0", load)

    assert loaded.status.state == "broken"
    assert str(loaded.status) == "coins (coins-dist 1.0)"
    assert (loaded.status.error or "").startswith(type(error).__name__)


def test_what_a_plugin_prints_stays_out_of_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_plugin("coins", "", "", lambda: print("hello"))  # noqa: T201 - what plugins do

    assert capsys.readouterr() == ("", "hello\n")


def test_a_fault_in_one_hook_breaks_all_providers_of_the_plugin() -> None:
    parts = plugin(sweep_tuners=[coin()], sweep_platforms=["nonsense"])
    registry = Registry.of({"coins": parts, "others": plugin(sweep_tuners=[coin("dime")])})

    assert registry.names("tuner") == ["dime"]
    assert registry.find("tuner", "dime")
    with pytest.raises(PluginError, match=r"^coins \(in-memory 0\): is broken: `sweep_platforms`"):
        registry.find("tuner", "coin")


def test_a_broken_plugin_is_blamed_for_the_name_in_its_entry_point() -> None:
    registry = Registry.of({"tuner.coin": SimpleNamespace()})

    with pytest.raises(PluginError, match=r"^tuner\.coin"):
        registry.find("tuner", "coin")


def test_a_valid_plugin_replaces_a_provider_of_a_broken_one() -> None:
    broken = plugin(sweep_tuners=[coin(), 3])
    registry = Registry.of({"broken": broken, "sound": plugin(sweep_tuners=[coin()])})

    assert registry.find("tuner", "coin").name == "coin"


def test_a_name_that_two_plugins_offer_is_refused_by_both_names() -> None:
    both = {"a": plugin(sweep_tuners=[coin(), coin("dime")]), "b": plugin(sweep_tuners=[coin()])}
    registry = Registry.of(both)
    with pytest.raises(PluginError) as caught:
        registry.find("tuner", "coin")

    assert "a (in-memory 0): `tuner=coin` is offered by b (in-memory 0) as well" in str(
        caught.value
    )
    assert registry.names("tuner") == ["dime"]
    assert registry.find("tuner", "dime")
    assert [status.state for status in registry.plugins] == ["duplicate", "duplicate"]
    assert registry.plugins[1].error == "`tuner=coin` is offered by a (in-memory 0) as well"


def test_building_passes_options_and_arguments() -> None:
    registry = Registry.of({"coins": plugin(sweep_tuners=[coin()])})

    built: Any = registry.build_tuner(Selection("tuner", "coin", {"bias": 1}), PROBLEM)

    assert built == (CoinOptions(1.0), PROBLEM)


def test_building_from_options_of_another_release_names_the_plugin() -> None:
    registry = Registry.of({"coins": plugin(sweep_tuners=[coin()])})

    with pytest.raises(PluginError, match=r"^coins \(in-memory 0\): tuner `coin`: `sides` is no"):
        registry.build_tuner(Selection("tuner", "coin", {"sides": 2}), PROBLEM)


def test_an_error_while_building_names_the_plugin() -> None:
    def build(_: CoinOptions, __: Problem) -> None:
        raise ModuleNotFoundError("No module named 'torch'")

    registry = Registry.of({"coins": plugin(sweep_tuners=[coin(build=build)])})
    with pytest.raises(PluginError) as caught:
        registry.build_tuner(Selection("tuner", "coin"), PROBLEM)

    assert str(caught.value) == (
        "coins (in-memory 0): tuner `coin` could not be built: "
        "ModuleNotFoundError: No module named 'torch'"
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_every_entry_point_is_loaded_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("coins")
    module.sweep_tuners = hookimpl(lambda: [coin()])  # type: ignore[attr-defined]

    def broken() -> object:
        raise PackageNotFoundError("gone")

    entries = [
        SimpleNamespace(name="b", dist=SimpleNamespace(name="x", version="2"), load=broken),
        SimpleNamespace(name="a", dist=None, load=lambda: module),
    ]
    entries[0].dist = None
    monkeypatch.setattr(registry_module, "entry_points", lambda group: entries)  # noqa: ARG005
    registry = Registry.load()

    assert [str(status) for status in registry.plugins] == ["a (in-memory 0)", "b (in-memory 0)"]
    assert [status.state for status in registry.plugins] == ["ok", "broken"]


def seconds_of(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def test_the_built_in_plugins_are_valid_and_load_quickly() -> None:
    registry = Registry.load()

    assert min(seconds_of(Registry.load) for _ in range(3)) < 0.05
    assert {"random", "grid", "batch"} <= set(registry.names("tuner"))
    assert {"python", "sklearn", "script"} <= set(registry.names("framework"))
    assert "local" in registry.names("platform")
    assert registry.distribution("tuner", "random").startswith("sweepwright ")
