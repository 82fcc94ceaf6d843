"""Mutations that insert a call with invalid arguments or with a syntax error."""

from collections.abc import Mapping

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.mutation_parts import (
    ValueMutation,
    range_name,
    raw_culprit,
)
from tests.core.compiler.space.properties.yaml_writer import culprit
from tests.sweepwright.draws import pick

ARGUMENTS: Mapping[str, ValueMutation] = {
    "a misspelt domain": (
        Code.UNKNOWN_DOMAIN,
        lambda draw: pick(
            draw,
            [
                f"{culprit('unifrom')}(0, 1)",
                f"{culprit('quniform')}(0, 1, 0.1)",
                f"{culprit('Uniform')}(0, 1)",
                {"type": culprit("integer"), "low": 1, "high": 8},
                {"type": raw_culprit(3), "low": 1, "high": 8},
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
    "a missing argument": (
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
    "a superfluous argument": (
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
    "a positional argument after a keyword argument": (
        Code.BAD_ARGUMENTS,
        lambda _: f"uniform(low=0, {culprit('1')})",
    ),
    "a parenthesis that is never closed": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{range_name(draw)}{culprit('(')}1, 8",
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
    "an unknown escape sequence": (
        Code.BAD_ARGUMENTS,
        lambda _: f"choice(a, {culprit(chr(34) + chr(92) + 'q' + chr(34))})",
    ),
    "something after the domain": (
        Code.BAD_ARGUMENTS,
        lambda draw: f"{range_name(draw)}(1, 8) {culprit(pick(draw, ['if', 'or', 'twice']))} x",
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
                {"type": "int", "low": 1, "high": 8, "when": raw_culprit(3)},
                {"choice": {"a": None}, "when": raw_culprit("true")},
            ],
        ),
    ),
}
