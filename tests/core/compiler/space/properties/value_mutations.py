"""Mutations that insert an invalid choice or a value that is not a domain, and their union."""

from collections.abc import Mapping

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.argument_mutations import ARGUMENTS
from tests.core.compiler.space.properties.mutation_parts import (
    ValueMutation,
    nni_spec,
    raw_culprit,
    with_bounds,
    with_words,
)
from tests.core.compiler.space.properties.range_mutations import RANGES
from tests.core.compiler.space.properties.yaml_writer import culprit
from tests.sweepwright.draws import pick

CHOICES: Mapping[str, ValueMutation] = {
    "a choice without values": (
        Code.EMPTY_DOMAIN,
        lambda draw: pick(
            draw,
            [
                f"{culprit('choice')}()",
                {"type": "choice", "values": raw_culprit("[]")},
                {"_type": "choice", "_value": raw_culprit("[]")},
                {"choice": raw_culprit("{}")},
            ],
        ),
    ),
    "a choice given twice": (
        Code.DUPLICATE_CHOICE,
        lambda draw: pick(
            draw,
            [
                with_words(draw, lambda words, listed: f"choice({listed}, {culprit(words[0])})"),
                with_words(draw, lambda words, _: nni_spec("choice", *words, culprit(words[-1]))),
                {"type": "ordinal", "values": [1, 2, raw_culprit(1.0)]},
            ],
        ),
    ),
    "a domain among the choices": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(3, {culprit('uniform(0, 1)')})",
    ),
    "an infinite value of a choice": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"choice(1, {culprit('1e999')})",
                {"type": "choice", "values": [1, raw_culprit(".inf")]},
            ],
        ),
    ),
    "a text among numbers": (
        Code.MIXED_CHOICES,
        lambda draw: pick(
            draw,
            [f"choice(16, {culprit('auto')}, 32)", nni_spec("choice", 16, culprit("auto"))],
        ),
    ),
    "a boolean among numbers": (
        Code.BOOL_AMONG_NUMBERS,
        lambda draw: pick(
            draw,
            [
                f"choice({culprit('true')}, 1, 10)",
                {"type": "ordinal", "values": [8, 16, raw_culprit("off")]},
            ],
        ),
    ),
    "weights that are no list": (
        Code.BAD_WEIGHTS,
        lambda draw: pick(
            draw,
            [
                f"choice(a, b, weights={culprit('3')})",
                {"choice": {"a": None}, "weights": raw_culprit(3)},
            ],
        ),
    ),
    "more or fewer weights than choices": (
        Code.BAD_WEIGHTS,
        lambda draw: pick(
            draw,
            [
                with_words(draw, lambda _, listed: f"choice({listed}, weights={culprit('[1]')})"),
                {"choice": {"a": None, "b": None}, "weights": raw_culprit("[1, 2, 3]")},
            ],
        ),
    ),
    "a weight that is no number above 0": (
        Code.BAD_WEIGHTS,
        lambda draw: pick(
            draw,
            [
                f"choice(a, b, weights=[1, {culprit('0')}])",
                f"choice(a, b, weights=[{culprit('-2')}, 1])",
                f"choice(a, b, weights=[{culprit('often')}, 1])",
                {"choice": {"a": None, "b": None}, "weights": {"a": raw_culprit(0)}},
            ],
        ),
    ),
    "a weight of an unknown branch": (
        Code.BAD_WEIGHTS,
        lambda _: {"choice": {"sgd": None, "adam": None}, "weights": {culprit("sdg"): 3}},
    ),
    "weights of an ordinal": (
        Code.BAD_ARGUMENTS,
        lambda _: f"ordinal(a, b, {culprit('weights')}=[1, 2])",
    ),
    "a default outside of the domain": (
        Code.BAD_DEFAULT,
        lambda draw: pick(
            draw,
            [
                with_bounds(draw, lambda name, a, b: f"{name}({a}, {b}) = {culprit(str(b + 1))}"),
                f"uniform(0, 1, step=0.25) = {culprit('0.3')}",
                with_words(draw, lambda _, listed: f"choice({listed}) = {culprit('other')}"),
                {"type": "int", "low": 1, "high": 8, "default": raw_culprit(2.5)},
                {"choice": {"sgd": None, "adam": None}, "default": culprit("adma")},
                f"lognormal(0, 1) = {culprit('-1')}",
            ],
        ),
    ),
}

SHAPES: Mapping[str, ValueMutation] = {
    "a bare word": (
        Code.NOT_A_DOMAIN,
        lambda draw: culprit(pick(draw, ["relu", "resnet-50", "relu, tanh", "3", ""])),
    ),
    "a list": (Code.NOT_A_DOMAIN, lambda draw: raw_culprit(pick(draw, ["[64, 128]", "[]"]))),
    "null": (Code.NOT_A_DOMAIN, lambda _: raw_culprit("null")),
    "an infinite or undefined number": (
        Code.NOT_A_DOMAIN,
        lambda draw: raw_culprit(pick(draw, [".inf", ".nan"])),
    ),
    "a mapping that is not a domain": (
        Code.NOT_A_DOMAIN,
        lambda _: raw_culprit("{sgd: {momentum: 0.9}, adam: {}}"),
    ),
    "a table without its type": (
        Code.NOT_A_DOMAIN,
        lambda draw: raw_culprit(pick(draw, ["{low: 0, high: 1}", "{values: [1, 2]}"])),
    ),
    "branches without names": (
        Code.UNNAMED_BRANCH,
        lambda _: {"choice": raw_culprit("[{momentum: 0.9}, {}]")},
    ),
    "branches that are plain values": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": raw_culprit("[1, 2]")},
    ),
    "a branch that is a plain value": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": {"max": raw_culprit(3), "mean": None}},
    ),
    "a key that a nested choice does not take": (
        Code.BAD_ARGUMENTS,
        lambda _: {"choice": {"a": None}, culprit("wieghts"): {"a": 3}},
    ),
    "constraints in a branch": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": {"a": {"constraints": raw_culprit('["x < 1"]')}}},
    ),
    "a derived value without a formula": (
        Code.BAD_ARGUMENTS,
        lambda _: {"type": culprit("derived")},
    ),
    "a derived value with a default": (
        Code.BAD_ARGUMENTS,
        lambda _: {"type": "derived", "value": "2 * 3", culprit("default"): 3},
    ),
    "a formula that is no text": (
        Code.BAD_ARGUMENTS,
        lambda _: {"type": "derived", "value": raw_culprit(3)},
    ),
    "a choice among the configs of a group": (
        Code.NOT_A_DOMAIN,
        lambda _: f"{culprit('glob')}(*)",
    ),
    "a cast of numbers between bounds": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{culprit(pick(draw, ['str', 'bool']))}(interval(0, 1))",
    ),
    "a tag without a sweep": (Code.BAD_ARGUMENTS, lambda _: f"{culprit('tag')}(log, fast)"),
    "a value that cannot be cast": (
        Code.BAD_ARGUMENTS,
        lambda _: f"int(choice(1, {culprit('two')}))",
    ),
}

NNI: Mapping[str, ValueMutation] = {
    "NNI's form with a key of another name": (
        Code.BAD_NNI_SPACE,
        lambda _: {"_type": "uniform", culprit("_vlaue"): [0, 1]},
    ),
    "NNI's form of an unknown type": (
        Code.BAD_NNI_SPACE,
        lambda draw: {
            "_type": culprit(pick(draw, ["qunifrom", "int", "mutable_layer"])),
            "_value": [0, 8],
        },
    ),
    "NNI's form with more or fewer numbers": (
        Code.BAD_NNI_SPACE,
        lambda draw: pick(
            draw,
            [
                {"_type": "quniform", "_value": raw_culprit("[0, 1]")},
                {"_type": "normal", "_value": raw_culprit("[0, 1, 2]")},
                {"_type": "randint", "_value": raw_culprit("[8]")},
            ],
        ),
    ),
    "NNI's form with a number as text": (
        Code.BAD_NNI_SPACE,
        lambda _: nni_spec("loguniform", culprit("1e-7"), 1),
    ),
    "NNI's form with a bound that is no number": (
        Code.BAD_NNI_SPACE,
        lambda draw: nni_spec(
            "uniform", 0, raw_culprit(pick(draw, ["high", ".nan", "true", "null"]))
        ),
    ),
    "NNI's form without a list": (
        Code.BAD_NNI_SPACE,
        lambda _: {"_type": "choice", "_value": raw_culprit(3)},
    ),
    "NNI's branch without a name": (
        Code.BAD_NNI_SPACE,
        lambda _: nni_spec(
            "choice", {"_name": "a"}, raw_culprit("{x: {_type: choice, _value: [1]}}")
        ),
    ),
    "NNI's branch given twice": (
        Code.DUPLICATE_CHOICE,
        lambda _: nni_spec("choice", {"_name": "a"}, raw_culprit("{_name: a}")),
    ),
    "NNI's branch with a number for a name": (
        Code.BAD_NAME,
        lambda _: nni_spec("choice", {"_name": raw_culprit(3)}),
    ),
}

VALUES: Mapping[str, ValueMutation] = {**RANGES, **ARGUMENTS, **CHOICES, **SHAPES, **NNI}
