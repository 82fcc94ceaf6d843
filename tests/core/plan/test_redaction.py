"""Values that are named like secrets, or look like them, are masked, and no others."""

import time
from typing import Any

import pytest

from sweepwright.core.plan.environment import resolve_references
from sweepwright.core.plan.redaction import (
    MASK,
    forget_secrets,
    mask_body,
    mask_known,
    mask_line,
    mask_override,
    mask_text,
    remember_override,
    remember_secret,
    remember_secrets,
)
from sweepwright.secret_names import is_secret_name, is_secret_variable, typed

SECRET_NAMES = [
    *("token", "API_TOKEN", "apiToken", "hf-token", "db password", "DBPassword", "passwd", "pwd"),
    *("api_key", "apikey", "APIKey", "aws.secret.access.key", "AWS_ACCESS_KEY_ID", "private-key"),
    *("client_secret", "Credentials", "auth", "basic_auth", "Authorization", "auth.token2"),
]
OTHER_NAMES = [
    *(
        "tokens_per_batch",
        "max_tokens",
        "author",
        "authority",
        "key_size",
        "sort_key",
        "key",
        "password_env",
    ),
    *("tokenizer", "TOKENIZERS_PARALLELISM", "monkey", "KEYBOARD", "secretary", "passes", ""),
    *("eos_token", "pad_token", "n_heads", "lr", "patch", "keys"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_word_in_the_name_marks_a_secret(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_variable(name) or name == "pwd"


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_part_of_a_word_marks_no_secret(name: str) -> None:
    assert not is_secret_name(name)
    assert is_secret_variable(name) == ("key" in name.split("_"))


def test_only_an_integer_under_a_name_that_ends_in_a_secret_is_one() -> None:
    secrets: dict[str, Any] = {"pin_token": 1234, "password": 15, "pin_password": "0123"}
    others: dict[str, Any] = {"token_layers": 2, "cost_per_token": 2, "use_token": True}
    others |= {
        "token": None,
        "lr_token": 0.1,
        "lr_token_text": "1e-3",
        "token_rate": "loguniform(1e-4, 1)",
    }

    assert mask_body({**secrets, **others}) == {**dict.fromkeys(secrets, MASK), **others}


def test_metrics_are_shown_whatever_their_names_are() -> None:
    body = {"metrics": {"f1_token": 3, "auth": 0.5, "token_accuracy": 1}}

    assert mask_body(body) == body


def test_the_working_directory_is_no_secret() -> None:
    assert not is_secret_variable("PWD")
    assert is_secret_variable("DB_PWD")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:pw@h/db", "postgres://***@h/db"),
        ("at https://:p/w%40@h:1/x, mysql+x://u@h", "at https://***@h:1/x, mysql+x://***@h"),
        ("Server=h;Password=a b,c;Uid=1", "Server=h;Password=***;Uid=1"),
        ("host=h password=ab user=u", "host=h password=*** user=u"),
        ("x -----BEGIN RSA PRIVATE KEY-----\nab\n-----END RSA PRIVATE KEY-----\n", "x ***\n"),
        (r"-----BEGIN PRIVATE KEY-----\nab", "***"),
        ("ghp_0123456789abcdefABCD, AKIAIOSFODNN7EXAMPLE", "***, ***"),
        ("xoxb-123456789012-abc hf_abcdefghijklmnopqrst", "*** ***"),
        ("sk-proj-0123456789abcdefghij glpat-0123456789abcdefghij", "*** ***"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_", "Bearer ***"),
        ("run --api-key=abc --seed=3", "run --api-key=*** --seed=3"),
        (r'{"token": "a\"b", "lr": 0.1}', '{"token": "***", "lr": 0.1}'),
        ("{'auth': 'ab'}", "{'auth': '***'}"),
        ("--url=http://h/?api_key=ab&x=1", "--url=http://h/?api_key=***&x=1"),
        ('--opts="x=1 token=ab"', '--opts="x=1 token=***"'),
        ("-H 'Authorization: Bearer ab-1'", "-H 'Authorization: Bearer ***'"),
        ("authorization:ab x", "authorization:*** x"),
        ("${oc.env:API_KEY,ab}${oc.env:PLAIN,ab}", "${oc.env:API_KEY,***}${oc.env:PLAIN,ab}"),
        ('TOKEN="${A}" X=${oc.env:B} PASSWORD=${oc.env:C}', None),
        ("git+ssh://git@github.com/me/it, http://localhost:6006/a@2x", None),
        ("unexpected token: `)`; give `export API_TOKEN=…`", None),
        ("sk-learn-random-forest-model, token_dropout=0.1", None),
        ("api_token == 3", None),
        ('"token": {"type": "string"}, "password": [', None),
        ("MY_KEY=ab my_key=ab", "MY_KEY=*** my_key=ab"),
    ],
)
def test_secrets_in_texts_are_masked(text: str, shown: str | None) -> None:
    assert mask_text(text) == (text if shown is None else shown)


def test_a_secret_that_was_met_is_masked_everywhere_until_it_is_forgotten() -> None:
    remember_secrets({"space": {"api_token": "choice('first-one', second-2) = 'first-one'"}})
    remember_secret("short")
    text = "`first-one`, second-2, short, choice"

    assert mask_text(text) == "`***`, ***, short, choice"
    assert mask_known("password=x first-one") == "password=x ***"

    forget_secrets()

    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("word", "text", "shown"),
    [
        ("+a.token=[first-1,second-2", "at `[first-1`: 'second-2'", "at `[***`: '***'"),
        ("a.password=it has, spaces", "[it has, spaces]", "[***]"),
        ("--password='secret-1'", "secret-1", "***"),
        ("a={DB_PWD: secret-1}x", "`secret-1}x`", "`***}x`"),
        ("a.environment={MY_KEY: secret-1", "secret-1", "***"),
        ("space.token=choice(secret-1", "a choice of `secret-1`", "a choice of `***`"),
        ("a.token=${oc.env:A,secret-1", "oc.env ${oc.env:A}", "oc.env ${oc.env:A}"),
        ("token_dropout=0.125", "0.125", "0.125"),
        ("a.author=somebody", "somebody", "somebody"),
    ],
)
def test_a_secret_on_the_command_line_is_masked_before_it_is_parsed(
    word: str, text: str, shown: str
) -> None:
    forget_secrets()
    remember_override(word)

    assert mask_text(text) == shown


def test_a_variable_with_the_name_of_a_secret_is_masked_wherever_a_text_refers_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB_TOKEN", "secret-1")
    monkeypatch.setenv("REGION", "region-1")
    forget_secrets()
    remember_secrets({"seed": "x-${oc.env:HUB_TOKEN}", "a": ["${oc.env:REGION}"]})

    assert mask_text("`seed` is x-secret-1, not region-1") == "`seed` is x-***, not region-1"


@pytest.mark.parametrize(
    "part",
    [
        *(
            "9",
            "a",
            "a.",
            "x://",
            "x://:",
            "a:",
            "pwd=",
            "ee(",
            "1e",
            "\\",
            "${oc.env:",
            '="',
            "'",
        ),
        *(
            "-----BEGIN A",
            "sk-",
            "eyJ-",
            "hf_",
            "token=",
            "x=token=",
            "token=1 ",
            "token_x=0.1",
            "authorization:",
            '"token": ',
            "password =",
            " ",
            "\n",
            "-",
        ),
    ],
)
def test_long_hostile_text_is_masked_in_linear_time(part: str) -> None:
    text = part * (100_000 // len(part))
    began = time.process_time()
    mask_text(text)
    mask_line(["x"], text)
    typed(text)
    resolve_references(text)
    remember_override(f"a={text}")
    forget_secrets()

    assert time.process_time() - began < 2  # a quadratic search takes minutes


@pytest.mark.parametrize("value", ["true", "false", "null"])
def test_a_switch_in_a_text_is_no_secret(value: str) -> None:
    text = f'"automountServiceAccountToken": {value}, "token": "{value}ly"'

    assert mask_text(text) == text.replace(f"{value}ly", "***")
    assert mask_text(text) != text


def test_a_parameter_with_the_name_of_a_secret_is_masked() -> None:
    def body(choices: list[str], default: str) -> dict[str, Any]:
        domain = {"kind": "categorical", "choices": choices, "weights": None}
        return {"name": "o.api_token", "domain": domain, "default": default, "path": ["o"]}

    number = {"name": "token_rate", "domain": {"kind": "real", "low": 0.0}, "default": 0.5}

    assert mask_body(body(["ab", "cd"], "ab")) == body([MASK, MASK], MASK)
    assert mask_body(number) == number


def test_an_argument_after_a_flag_is_masked() -> None:
    argv = ["./a", "--token", "ab", "--token=ab", "--password", "--verbose", "x", "-pwd", "y"]
    shown = ["./a", "--token", MASK, "--token=***", "--password", "--verbose", "x", "-pwd", MASK]

    assert mask_body(argv) == shown


def test_everything_under_the_name_of_a_secret_is_masked() -> None:
    assert mask_body({"auth": {"user": "me", "hosts": ["a", {"b": "c"}], "on": True}}) == {
        "auth": {"user": MASK, "hosts": [MASK, {"b": MASK}], "on": True}
    }


@pytest.mark.parametrize(
    ("path", "line", "hidden"),
    [
        (["trial", "environment", "A"], "A: x, API_KEY: k", True),
        (["trial", "environment", "A"], "A: x, API_KEY: ${oc.env:K}, EMPTY_KEY: ''", False),
        (["space", "api_token"], "- hunter2", True),
        (["trial"], "trial={environment: {MY_KEY: k}}", True),
        (["tuner", "eta"], "eta: 3  # tokens: 4", False),
        ([""], "  MY_KEY: k: x", True),
        ([""], "  my_key: k", False),
    ],
)
def test_a_source_line_that_may_contain_a_secret_is_not_shown(
    path: list[str],
    line: str,
    hidden: bool,  # noqa: FBT001 - a case
) -> None:
    assert mask_line(path, line) == ("" if hidden else line)


def test_variables_are_masked_at_any_depth_and_nothing_else_is() -> None:
    body = {
        "key": "k",
        "environment": "TOKEN",
        "roles": [{"environment": {"API_KEY": "k", "EMPTY_KEY": "", "LANG": "C"}}],
    }

    assert mask_body(body) == {
        "key": "k",
        "environment": "TOKEN",
        "roles": [{"environment": {"API_KEY": "***", "EMPTY_KEY": "", "LANG": "C"}}],
    }


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("+trial.environment.API_KEY=k", "+trial.environment.API_KEY=***"),
        ("+trial.environment={API_KEY: k}", "+trial.environment=***"),
        ("trial.roles={a: {environment: {API_KEY: k}}}", "trial.roles=***"),
        ("+trial.environment.API_KEY=", "+trial.environment.API_KEY="),
        ("+trial.environment.LANG=C", "+trial.environment.LANG=C"),
        ("~trial.environment.API_KEY", "~trial.environment.API_KEY"),
        ("trial.key=3", "trial.key=3"),
    ],
)
def test_an_override_is_recorded_with_its_secret_masked(override: str, shown: str) -> None:
    assert mask_override(override) == shown
