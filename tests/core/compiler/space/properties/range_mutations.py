"""Mutations that insert a range or normal distribution with invalid bounds or steps."""

from collections.abc import Mapping

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.mutation_parts import (
    ValueMutation,
    draw_bounds,
    nni_spec,
    normal_name,
    raw_culprit,
    with_bounds,
)
from tests.core.compiler.space.properties.yaml_writer import culprit
from tests.sweepwright.draws import pick

BOUNDS: Mapping[str, ValueMutation] = {
    "bounds the wrong way round": (
        Code.EMPTY_DOMAIN,
        lambda draw: with_bounds(draw, lambda name, a, b: f"{name}({culprit(str(b))}, {a})"),
    ),
    "bounds the wrong way round in a table": (
        Code.EMPTY_DOMAIN,
        lambda draw: with_bounds(
            draw, lambda name, a, b: {"type": name, "low": raw_culprit(b), "high": a}
        ),
    ),
    "bounds the wrong way round in NNI's form": (
        Code.EMPTY_DOMAIN,
        lambda draw: with_bounds(draw, lambda _, a, b: nni_spec("uniform", raw_culprit(b), a)),
    ),
    "bounds the wrong way round in Hydra's grammar": (
        Code.EMPTY_DOMAIN,
        lambda draw: with_bounds(draw, lambda _, a, b: f"interval({culprit(str(b))}, {a})"),
    ),
    "a Hydra range that is empty": (
        Code.EMPTY_DOMAIN,
        lambda draw: with_bounds(draw, lambda _, a, b: f"range({b}, {culprit(str(a))})"),
    ),
    "a randint that is empty": (
        Code.EMPTY_DOMAIN,
        lambda draw: nni_spec("randint", draw_bounds(draw)[0], raw_culprit(0)),
    ),
    "a logarithmic range from 0": (
        Code.LOG_OF_NONPOSITIVE,
        lambda draw: pick(
            draw,
            [
                f"loguniform({culprit('0')}, 1)",
                f"int({culprit('0')}, 8, log=true)",
                f"tag(log, interval({culprit('0')}, 1))",
            ],
        ),
    ),
    "a logarithmic range from below 0": (
        Code.LOG_OF_NONPOSITIVE,
        lambda draw: pick(
            draw,
            [
                {"type": "loguniform", "low": raw_culprit(-1), "high": 1},
                {"type": "int", "low": raw_culprit(-3), "high": 8, "log": True},
                nni_spec("loguniform", raw_culprit(-0.5), 1),
                nni_spec("qloguniform", raw_culprit(-2), 8, 2),
            ],
        ),
    ),
    "a bound that is no number": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, {culprit('nan')})",
                f"loguniform({culprit('low')}, 1)",
                f"uniform({culprit('true')}, 8)",
                {"type": "uniform", "low": raw_culprit(".nan"), "high": 1},
                {"type": "uniform", "low": 0, "high": culprit("high")},
                {"type": "uniform", "low": culprit("0.1"), "high": 1},
                {"type": "uniform", "low": 0, "high": raw_culprit("null")},
            ],
        ),
    ),
    "an infinite bound": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, {culprit('1e999')})",
                {"type": "uniform", "low": 0, "high": raw_culprit(".inf")},
                f"normal({culprit('-1e999')}, 1)",
            ],
        ),
    ),
    "a fraction for an integer": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"int(1, {culprit('8.5')})",
                f"int({culprit('1.0')}, 8)",
                {"type": "int", "low": 1, "high": raw_culprit(8.0)},
            ],
        ),
    ),
    "an integer too large to be exact": (
        Code.BAD_ARGUMENTS,
        lambda _: f"int(1, {culprit('99999999999999999999')})",
    ),
    "a number for a boolean": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"int(1, 8, log={culprit('1')})",
                {"type": "uniform", "low": 1, "high": 2, "log": raw_culprit(0)},
                f"uniform(0, 1, step=0.1, clip={culprit('yes')})",
            ],
        ),
    ),
    "a standard deviation of 0 or less": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"{normal_name(draw)}(0, {culprit('0')})",
                {"type": normal_name(draw), "mean": 0, "std": raw_culprit(-1)},
                nni_spec("normal", 0, raw_culprit(0)),
            ],
        ),
    ),
}

STEPS: Mapping[str, ValueMutation] = {
    "a step of 0 or less": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, step={culprit('0')})",
                f"int(1, 8, step={culprit('-2')})",
                f"normal(0, 1, step={culprit('0')})",
                {"type": "uniform", "low": 0, "high": 1, "step": raw_culprit(-0.1)},
                nni_spec("quniform", 0, 1, raw_culprit(0)),
                nni_spec("qnormal", 0, 1, raw_culprit(-1)),
                f"range(1, 8, {culprit('0')})",
            ],
        ),
    ),
    "a step wider than the range": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [
                f"uniform(0.1, 0.9, step={culprit('2')})",
                {"type": "int", "low": 1, "high": 4, "step": raw_culprit(5)},
            ],
        ),
    ),
    "a step too fine to be exact": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, step={culprit('1e-20')})",
                nni_spec("quniform", 0, 1, raw_culprit(1e-20)),
            ],
        ),
    ),
    "a lower bound between the steps": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [
                f"int({culprit('1')}, 8, step=2)",
                {"type": "uniform", "low": raw_culprit(0.1), "high": 1, "step": 0.25},
            ],
        ),
    ),
    "a clip without a step": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, {culprit('clip')}=true)",
                {"type": "uniform", "low": 0, "high": 1, culprit("clip"): True},
            ],
        ),
    ),
    "a range with one value": (
        Code.ONE_VALUE,
        lambda draw: pick(
            draw,
            [
                culprit("uniform(0.9, 0.9)"),
                culprit("int(5, 5)"),
            ],
        ),
    ),
}

RANGES: Mapping[str, ValueMutation] = {**BOUNDS, **STEPS}
