"""Mutations by a value that is not a valid domain, with the expected code and the culprit."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.yaml_writer import RawScalar, culprit
from tests.sweepwright.draws import Draw, pick

ValueMutation: TypeAlias = tuple[Code, Callable[[Draw], Any]]


def _ends(draw: Draw) -> tuple[int, int]:
    low = draw(st.integers(1, 40))
    return low, low + draw(st.integers(1, 40))


def _range(draw: Draw) -> str:
    """Draw the name of a domain with two bounds."""
    return pick(draw, ["uniform", "loguniform", "int"])


def _bell(draw: Draw) -> str:
    return pick(draw, ["normal", "lognormal"])


def _words(draw: Draw) -> list[str]:
    return pick(draw, [["relu", "tanh"], ["a", "b", "c"], ["sgd", "adam", "lamb", "lion"]])


def _at(value: Any) -> RawScalar:
    return RawScalar(culprit(str(value)))


def _with_ends(draw: Draw, write: Callable[[str, int, int], Any]) -> Any:
    low, high = _ends(draw)
    return write(_range(draw), low, high)


def _choice(draw: Draw, write: Callable[[list[str], str], Any]) -> Any:
    words = _words(draw)
    return write(words, ", ".join(words))


def _nni(type_: str, *value: Any) -> dict[str, Any]:
    return {"_type": type_, "_value": list(value)}


BOUNDS: Mapping[str, ValueMutation] = {
    "bounds the wrong way round": (
        Code.EMPTY_DOMAIN,
        lambda draw: _with_ends(draw, lambda name, a, b: f"{name}({culprit(str(b))}, {a})"),
    ),
    "bounds the wrong way round in a table": (
        Code.EMPTY_DOMAIN,
        lambda draw: _with_ends(draw, lambda name, a, b: {"type": name, "low": _at(b), "high": a}),
    ),
    "bounds the wrong way round in NNI's form": (
        Code.EMPTY_DOMAIN,
        lambda draw: _with_ends(draw, lambda _, a, b: _nni("uniform", _at(b), a)),
    ),
    "bounds the wrong way round in Hydra's grammar": (
        Code.EMPTY_DOMAIN,
        lambda draw: _with_ends(draw, lambda _, a, b: f"interval({culprit(str(b))}, {a})"),
    ),
    "a range that ends before it begins": (
        Code.EMPTY_DOMAIN,
        lambda draw: _with_ends(draw, lambda _, a, b: f"range({b}, {culprit(str(a))})"),
    ),
    "a randint that ends where it begins": (
        Code.EMPTY_DOMAIN,
        lambda draw: _nni("randint", _ends(draw)[0], _at(0)),
    ),
    "a logarithm from 0 on": (
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
    "a logarithm from below 0 on": (
        Code.LOG_OF_NONPOSITIVE,
        lambda draw: pick(
            draw,
            [
                {"type": "loguniform", "low": _at(-1), "high": 1},
                {"type": "int", "low": _at(-3), "high": 8, "log": True},
                _nni("loguniform", _at(-0.5), 1),
                _nni("qloguniform", _at(-2), 8, 2),
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
                {"type": "uniform", "low": _at(".nan"), "high": 1},
                {"type": "uniform", "low": 0, "high": culprit("high")},
                {"type": "uniform", "low": culprit("0.1"), "high": 1},
                {"type": "uniform", "low": 0, "high": _at("null")},
            ],
        ),
    ),
    "a bound without end": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, {culprit('1e999')})",
                {"type": "uniform", "low": 0, "high": _at(".inf")},
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
                {"type": "int", "low": 1, "high": _at(8.0)},
            ],
        ),
    ),
    "an integer beyond all that is exact": (
        Code.BAD_ARGUMENTS,
        lambda _: f"int(1, {culprit('99999999999999999999')})",
    ),
    "a number for a flag": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"int(1, 8, log={culprit('1')})",
                {"type": "uniform", "low": 1, "high": 2, "log": _at(0)},
                f"uniform(0, 1, step=0.1, clip={culprit('yes')})",
            ],
        ),
    ),
    "a spread of 0 or less": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"{_bell(draw)}(0, {culprit('0')})",
                {"type": _bell(draw), "mean": 0, "std": _at(-1)},
                _nni("normal", 0, _at(0)),
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
                {"type": "uniform", "low": 0, "high": 1, "step": _at(-0.1)},
                _nni("quniform", 0, 1, _at(0)),
                _nni("qnormal", 0, 1, _at(-1)),
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
                {"type": "int", "low": 1, "high": 4, "step": _at(5)},
            ],
        ),
    ),
    "a step too fine to be exact": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [f"uniform(0, 1, step={culprit('1e-20')})", _nni("quniform", 0, 1, _at(1e-20))],
        ),
    ),
    "a lower bound between the steps": (
        Code.BAD_STEP,
        lambda draw: pick(
            draw,
            [
                f"int({culprit('1')}, 8, step=2)",
                {"type": "uniform", "low": _at(0.1), "high": 1, "step": 0.25},
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
    "one value alone": (
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

CALLS: Mapping[str, ValueMutation] = {
    "a misspelt domain": (
        Code.UNKNOWN_DOMAIN,
        lambda draw: pick(
            draw,
            [
                f"{culprit('unifrom')}(0, 1)",
                f"{culprit('quniform')}(0, 1, 0.1)",
                f"{culprit('Uniform')}(0, 1)",
                {"type": culprit("integer"), "low": 1, "high": 8},
                {"type": _at(3), "low": 1, "high": 8},
                f"int({culprit('intreval')}(1, 8))",
            ],
        ),
    ),
    "a misspelt argument": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, {culprit('stpe')}=0.1)",
                f"choice(a, b, {culprit('weight')}=[1, 2])",
                f"normal(0, 1, {culprit('sigma')}=2)",
                f"loguniform(1, 2, {culprit('log')}=true)",
                {"type": "uniform", culprit("min"): 0, "high": 1},
                {"type": "choice", culprit("options"): ["a", "b"]},
                {"type": "int", "low": 0, "high": 1, culprit("comment"): "none"},
                f"interval(0, {culprit('stop')}=1)",
            ],
        ),
    ),
    "an argument too few": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"{culprit('uniform')}(0)",
                f"{culprit('int')}()",
                f"{culprit('normal')}(std=1)",
                {"type": culprit("loguniform"), "low": 1},
                {"type": culprit("choice")},
                f"{culprit('interval')}(1)",
            ],
        ),
    ),
    "an argument too many": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, 0.1, true, {culprit('7')})",
                f"normal(0, 1, 0.1, {culprit('7')})",
                f"interval(0, 1, {culprit('7')})",
            ],
        ),
    ),
    "an argument given twice": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                f"uniform(0, 1, {culprit('low')}=0)",
                f"uniform(low=0, {culprit('low')}=1, high=2)",
            ],
        ),
    ),
    "an argument without a name after one that has one": (
        Code.BAD_ARGUMENTS,
        lambda _: f"uniform(low=0, {culprit('1')})",
    ),
    "a parenthesis that is never closed": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{_range(draw)}{culprit('(')}1, 8",
    ),
    "a bracket that is never closed": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice({culprit('[')}1, 2",
    ),
    "quotes that are never closed": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(a, {culprit(chr(34))}b)",
    ),
    "two commas in a row": (Code.BAD_ARGUMENTS, lambda _: f"int(1,{culprit(',')} 8)"),
    "an escape that nobody knows": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(a, {culprit(chr(34) + chr(92) + 'q' + chr(34))})",
    ),
    "something after the domain": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{_range(draw)}(1, 8) {culprit(pick(draw, ['if', 'or', 'twice']))} x",
    ),
    "two words without quotes": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(New {culprit('York')}, Paris)",
    ),
    "nothing after `when`": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw, [f"uniform(0, 1) {culprit('when')}", f"1000 // 3 {culprit('when')}"]
        ),
    ),
    "a condition that is no text": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [
                {"type": "int", "low": 1, "high": 8, "when": _at(3)},
                {"choice": {"a": None}, "when": _at("true")},
            ],
        ),
    ),
}

CHOICES: Mapping[str, ValueMutation] = {
    "a choice among nothing": (
        Code.EMPTY_DOMAIN,
        lambda draw: pick(
            draw,
            [
                f"{culprit('choice')}()",
                {"type": "choice", "values": _at("[]")},
                {"_type": "choice", "_value": _at("[]")},
                {"choice": _at("{}")},
            ],
        ),
    ),
    "a choice given twice": (
        Code.DUPLICATE_CHOICE,
        lambda draw: pick(
            draw,
            [
                _choice(draw, lambda words, listed: f"choice({listed}, {culprit(words[0])})"),
                _choice(draw, lambda words, _: _nni("choice", *words, culprit(words[-1]))),
                {"type": "ordinal", "values": [1, 2, _at(1.0)]},
            ],
        ),
    ),
    "a domain among the choices": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(3, {culprit('uniform(0, 1)')})",
    ),
    "a choice without end": (
        Code.BAD_ARGUMENTS,
        lambda draw: pick(
            draw,
            [f"choice(1, {culprit('1e999')})", {"type": "choice", "values": [1, _at(".inf")]}],
        ),
    ),
    "a text among numbers": (
        Code.MIXED_CHOICES,
        lambda draw: pick(
            draw,
            [f"choice(16, {culprit('auto')}, 32)", _nni("choice", 16, culprit("auto"))],
        ),
    ),
    "a boolean among numbers": (
        Code.BOOL_AMONG_NUMBERS,
        lambda draw: pick(
            draw,
            [
                f"choice({culprit('true')}, 1, 10)",
                {"type": "ordinal", "values": [8, 16, _at("off")]},
            ],
        ),
    ),
    "weights that are no list": (
        Code.BAD_WEIGHTS,
        lambda draw: pick(
            draw,
            [
                f"choice(a, b, weights={culprit('3')})",
                {"choice": {"a": None}, "weights": _at(3)},
            ],
        ),
    ),
    "more or fewer weights than choices": (
        Code.BAD_WEIGHTS,
        lambda draw: pick(
            draw,
            [
                _choice(draw, lambda _, listed: f"choice({listed}, weights={culprit('[1]')})"),
                {"choice": {"a": None, "b": None}, "weights": _at("[1, 2, 3]")},
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
                {"choice": {"a": None, "b": None}, "weights": {"a": _at(0)}},
            ],
        ),
    ),
    "a weight of a branch that there is not": (
        Code.BAD_WEIGHTS,
        lambda _: {"choice": {"sgd": None, "adam": None}, "weights": {culprit("sdg"): 3}},
    ),
    "weights of values in order": (
        Code.BAD_ARGUMENTS,
        lambda _: f"ordinal(a, b, {culprit('weights')}=[1, 2])",
    ),
    "a default outside of the domain": (
        Code.BAD_DEFAULT,
        lambda draw: pick(
            draw,
            [
                _with_ends(draw, lambda name, a, b: f"{name}({a}, {b}) = {culprit(str(b + 1))}"),
                f"uniform(0, 1, step=0.25) = {culprit('0.3')}",
                _choice(draw, lambda _, listed: f"choice({listed}) = {culprit('other')}"),
                {"type": "int", "low": 1, "high": 8, "default": _at(2.5)},
                {"choice": {"sgd": None, "adam": None}, "default": culprit("adma")},
                f"lognormal(0, 1) = {culprit('-1')}",
            ],
        ),
    ),
}

SHAPES: Mapping[str, ValueMutation] = {
    "a word": (
        Code.NOT_A_DOMAIN,
        lambda draw: culprit(pick(draw, ["relu", "resnet-50", "relu, tanh", "3", ""])),
    ),
    "a list": (Code.NOT_A_DOMAIN, lambda draw: _at(pick(draw, ["[64, 128]", "[]"]))),
    "nothing at all": (Code.NOT_A_DOMAIN, lambda _: _at("null")),
    "a number without end": (Code.NOT_A_DOMAIN, lambda draw: _at(pick(draw, [".inf", ".nan"]))),
    "a mapping of something else": (
        Code.NOT_A_DOMAIN,
        lambda _: _at("{sgd: {momentum: 0.9}, adam: {}}"),
    ),
    "a table without its type": (
        Code.NOT_A_DOMAIN,
        lambda draw: _at(pick(draw, ["{low: 0, high: 1}", "{values: [1, 2]}"])),
    ),
    "branches without names": (
        Code.UNNAMED_BRANCH,
        lambda _: {"choice": _at("[{momentum: 0.9}, {}]")},
    ),
    "branches that are plain values": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": _at("[1, 2]")},
    ),
    "a branch that is a plain value": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": {"max": _at(3), "mean": None}},
    ),
    "a key that a nested choice does not take": (
        Code.BAD_ARGUMENTS,
        lambda _: {"choice": {"a": None}, culprit("wieghts"): {"a": 3}},
    ),
    "constraints in a branch": (
        Code.NOT_A_DOMAIN,
        lambda _: {"choice": {"a": {"constraints": _at('["x < 1"]')}}},
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
        lambda _: {"type": "derived", "value": _at(3)},
    ),
    "a choice among the configs of a group": (
        Code.NOT_A_DOMAIN,
        lambda _: f"{culprit('glob')}(*)",
    ),
    "a cast of numbers between bounds": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{culprit(pick(draw, ['str', 'bool']))}(interval(0, 1))",
    ),
    "a tag of nothing": (Code.BAD_ARGUMENTS, lambda _: f"{culprit('tag')}(log, fast)"),
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
    "NNI's form of a type that it has not": (
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
                {"_type": "quniform", "_value": _at("[0, 1]")},
                {"_type": "normal", "_value": _at("[0, 1, 2]")},
                {"_type": "randint", "_value": _at("[8]")},
            ],
        ),
    ),
    "NNI's form with a number as text": (
        Code.BAD_NNI_SPACE,
        lambda _: _nni("loguniform", culprit("1e-7"), 1),
    ),
    "NNI's form with a bound that is no number": (
        Code.BAD_NNI_SPACE,
        lambda draw: _nni("uniform", 0, _at(pick(draw, ["high", ".nan", "true", "null"]))),
    ),
    "NNI's form without a list": (
        Code.BAD_NNI_SPACE,
        lambda _: {"_type": "choice", "_value": _at(3)},
    ),
    "NNI's branch without a name": (
        Code.BAD_NNI_SPACE,
        lambda _: _nni("choice", {"_name": "a"}, _at("{x: {_type: choice, _value: [1]}}")),
    ),
    "NNI's branch given twice": (
        Code.DUPLICATE_CHOICE,
        lambda _: _nni("choice", {"_name": "a"}, _at("{_name: a}")),
    ),
    "NNI's branch with a number for a name": (
        Code.BAD_NAME,
        lambda _: _nni("choice", {"_name": _at(3)}),
    ),
}

VALUES: Mapping[str, ValueMutation] = {**BOUNDS, **STEPS, **CALLS, **CHOICES, **SHAPES, **NNI}
