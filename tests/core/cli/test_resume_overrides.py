"""What a resume may change, and how anything else is refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Finding, PlatformProvider, TrialCode, Workspace
from sweepwright.core.cli.arguments import UsageError
from sweepwright.core.cli.resume_overrides import PLAIN_OVERRIDE, parse_override, revise_plan
from sweepwright.core.plan.plan import Limits, Selection
from sweepwright.core.registry.registry import Registry
from sweepwright.events import FailureKind
from sweepwright.hooks import hookimpl
from tests.core.examples import plan


@dataclass(frozen=True)
class FarmOptions:
    cpus: int | None = None
    colour: str = "green"


@dataclass(frozen=True)
class EstateOptions(FarmOptions):
    fields: Mapping[str, int] | None = None
    owner: str = "nobody"


def build(*arguments: Any) -> Any:
    """Build what it was given, to be looked at."""
    return arguments


def mix(options: FarmOptions) -> FarmOptions:
    """Finalize the options."""
    return replace(options, colour=f"light {options.colour}")


def check(options: FarmOptions, _code: TrialCode) -> Iterable[Finding]:
    """Find a fault in a field that somebody must own."""
    if isinstance(options, EstateOptions) and options.fields and options.owner == "nobody":
        yield Finding(("fields",), "nobody owns the fields")


def registry(
    *, slots: bool = True, finalizes: bool = False, changeable: Sequence[str] = ()
) -> Registry:
    farm = PlatformProvider(
        "farm",
        EstateOptions if changeable else FarmOptions,
        build,
        slots=(lambda options: {"cpu": options.cpus or 1}) if slots else None,
        finalize_options=mix if finalizes else None,
        check=check,
        changeable=changeable,
    )
    return Registry.of({"farm": SimpleNamespace(sweep_platforms=hookimpl(lambda: [farm]))})


RECORDED = plan(
    platform=Selection("platform", "farm", {"cpus": 2, "colour": "green"}),
    tuner=Selection("tuner", "random", {"depth": 3}),
    overrides=("max_trials=8", "space=wide", "space=narrow", "+experiment=mine", "~assessor"),
    retries={FailureKind.KILLED: 1},
)


def changed(*overrides: str, slots: bool = True) -> tuple[Limits, Selection]:
    revised = revise_plan(RECORDED, overrides, registry(slots=slots))
    return revised.limits, revised.platform


def refusals(*overrides: str, slots: bool = True) -> list[str]:
    with pytest.raises(UsageError) as caught:
        changed(*overrides, slots=slots)
    first, *lines, last = str(caught.value).splitlines()

    assert first == "the recorded sweep cannot be resumed with these changes:"
    assert last.startswith("  = help: only `max_trials`, `max_duration`, ")
    return [line.strip() for line in lines]


def test_the_platform_finalizes_its_changed_options() -> None:
    farm = registry(finalizes=True)

    assert revise_plan(RECORDED, ["platform.cpus=3"], farm).platform.options == {
        "cpus": 3,
        "colour": "light green",
    }
    assert revise_plan(RECORDED, ["max_trials=9"], farm).platform == RECORDED.platform


FREE = registry(changeable=("fields", "owner"))


def test_options_that_the_platform_lets_change_may_change_and_are_checked_together() -> None:
    overrides = ["platform.fields={north: 1}", "platform.owner=me", "platform.fields.south=2"]
    revised = revise_plan(RECORDED, overrides, FREE).platform.options

    assert revised["fields"] == {"north": 1, "south": 2}
    assert revised["owner"] == "me"
    with pytest.raises(UsageError, match="nobody owns the fields") as caught:
        revise_plan(RECORDED, overrides[:1], FREE)
    assert "`platform.fields`, `platform.owner`, the platform's slots can" in str(caught.value)


def test_an_option_of_the_platform_that_it_does_not_let_change_is_refused() -> None:
    with pytest.raises(UsageError, match=r"`platform\.colour` is recorded as 'green', not 'red'"):
        revise_plan(RECORDED, ["platform.colour=red"], FREE)


def test_limits_may_change() -> None:
    limits, platform = changed(
        "max_trials=50", "max_duration=3.5", "concurrency=4", "+trial_timeout=null"
    )

    assert limits == Limits(50, 3.5, 4, None, {FailureKind.KILLED: 1})
    assert platform == RECORDED.platform


def test_retries_change_one_by_one() -> None:
    limits, _ = changed("retries.killed=3", "++retries.error=1")

    assert limits.retries == {FailureKind.KILLED: 3, FailureKind.ERROR: 1}
    assert changed("retries={lost: 1}")[0].retries == {FailureKind.KILLED: 1, FailureKind.LOST: 1}


def test_a_limit_is_compared_with_the_recorded_limit_and_not_with_the_first_override() -> None:
    resumed = replace(RECORDED, limits=replace(RECORDED.limits, max_trials=50))

    assert revise_plan(resumed, ["max_trials=8"], registry()).limits.max_trials == 8


def test_a_space_that_the_command_line_did_not_choose_is_named_by_its_parameters() -> None:
    with pytest.raises(UsageError, match="`space` cannot change; it is recorded with `lr`, "):
        revise_plan(replace(RECORDED, overrides=()), ["space=wide"], registry())


def test_slots_of_the_platform_may_change() -> None:
    _, platform = changed("platform.cpus=8")

    assert platform.options == {"cpus": 8, "colour": "green"}


def test_overrides_that_repeat_recorded_values_are_accepted() -> None:
    same = ["seed=0", "tuner=random", "tuner.depth=3", "platform.colour=green", "trial=example"]
    same += ["assessor=null", "space=narrow", "experiment=mine", "~assessor"]
    limits, platform = changed(*same, "platform.cpus=2")

    assert (limits, platform) == (RECORDED.limits, RECORDED.platform)


@pytest.mark.parametrize(
    ("override", "refusal"),
    [
        ("seed=1", "`seed` is recorded as 0, not 1"),
        ("tuner=grid", "`tuner` is recorded as 'random', not 'grid'"),
        ("tuner.depth=4", "`tuner.depth` is recorded as 3, not 4"),
        ("objective.metric=loss", "`objective.metric` is recorded as 'default', not 'loss'"),
        ("space.lr=0.5", "`space.lr` is recorded as 'loguniform(0.0001, 1)', not 0.5"),
        ("space.wd=1", "`space.wd` cannot change; known are"),
        ("trial=mnist", "`trial` is recorded as 'example', not 'mnist'"),
        ("assessor=median", "`assessor` is recorded as null, not 'median'"),
        ("assessor.warmup=1", "`assessor.warmup` cannot change; known are"),
        ("space=wide", "`space` cannot change; the sweep was composed with `space=narrow`"),
        ("+experiment=x", "`experiment` cannot change; the sweep was composed with `+experiment="),
        ("max_trial=9", "`max_trial` cannot change; did you mean `max_trials`?"),
        ("platform.colour=red", "`platform.colour` is recorded as 'green', not 'red'"),
        ("platform=local", "`platform` is recorded as 'farm', not 'local'"),
        ("platform.cups=3", "platform: `cups` is not an option of FarmOptions"),
        ("platform.cpus=many", "platform: `cpus` is 'many', not an integer or null"),
        ("max_trials=many", "`max_trials` is 'many', not an integer or null"),
        ("max_trials=0", "`max_trials` is 0, not at least 1"),
        ("concurrency=null", "`concurrency` is null, not an integer"),
        ("max_duration=-1", "`max_duration` is -1, not above 0"),
        ("retries.killed=-1", "`retries.killed` is -1, not at least 0"),
        ("retries.kiled=1", "`retries.kiled` is not an option of Retries"),
        ("retries=3", "`retries` is 3, not a mapping"),
    ],
)
def test_anything_else_is_refused_with_both_values(override: str, refusal: str) -> None:
    (line,) = refusals(override)

    assert line.startswith(refusal)


def test_a_platform_without_slots_has_none_to_change() -> None:
    assert refusals("platform.cpus=3", slots=False) == [
        "`platform.cpus` is recorded as 2, not 3",
    ]


def test_all_refusals_are_reported_at_once() -> None:
    assert len(refusals("seed=1", "tuner=grid", "max_trials=50")) == 2


@pytest.mark.parametrize("override", ["seed=1,2", "~seed", "seed=[1", "max_trials=choice(1, 2)"])
def test_an_override_without_a_single_value_is_refused(override: str) -> None:
    with pytest.raises(UsageError, match=r"not set a single value|cannot parse the override"):
        changed(override)


def test_slots_as_options_reach_the_platform() -> None:
    _, platform = changed("platform.cpus=8")
    workspace = Workspace("s1", Path("s1"))
    built: Any = registry().build_platform(platform, workspace)

    assert built == (FarmOptions(cpus=8), workspace)


@given(st.from_regex(PLAIN_OVERRIDE, fullmatch=True))
def test_plain_overrides_mean_what_they_mean_to_hydra(override: str) -> None:
    parsed = OverridesParser.create().parse_override(override)
    key, value = parse_override(override)

    assert (key, value) == (parsed.key_or_group, parsed.value())
    assert type(value) is type(parsed.value())
