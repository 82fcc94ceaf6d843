"""Tell which names are those of secrets, and which texts look like secrets.

A name is split into words at separators and capitals, and only whole words count: ``api_token``
and ``dbPassword`` name secrets; ``max_tokens``, ``author`` and ``key_size`` do not. A name may
also be about a secret, or about tokens of text, as ``token_dropout`` is. An integer is therefore a
secret only if its name ends in such a word, and a fraction never is.
"""

import re
from functools import lru_cache
from typing import Any

# fmt: off
_WORDS = frozenset(
    (
        "token", "secret", "secrets", "password", "passwords", "passwd", "passphrase", "pwd",
        "credential", "credentials", "creds", "auth", "authorization", "bearer", "apikey",
        "accesskey", "privatekey", "secretkey", "authkey", "apitoken", "authtoken",
        "accesstoken", "oauth",
    )
)
_KEYS = frozenset(
    (
        "api", "access", "private", "secret", "auth", "account", "encryption", "signing", "ssh",
        "master", "shared", "deploy", "license", "storage", "service", "client",
    )
)
"""Words that make a following ``key`` the name of a secret."""
_VOCABULARY = frozenset(
    (
        "pad", "bos", "eos", "unk", "cls", "sep", "mask", "special", "stop", "start", "end",
        "begin", "image", "class", "next",
    )
)
# fmt: on
"""Words that make a following ``token`` an entry of a language model's vocabulary."""
_AMOUNTS = frozenset(("per", "max", "min", "num", "n"))
"""Words that make a name the name of an amount."""
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def is_secret_name(name: str, value: Any = "text") -> bool:
    """Tell whether a value under a name is a secret. Some types of values never are."""
    return _holds_secret(*_secret_words(name), value)


def is_secret_variable(name: str, value: Any = "text") -> bool:
    """Tell whether an environment variable is a secret. Unlike elsewhere, any ``KEY`` is one."""
    if name == "PWD":  # the shell's working directory
        return False
    words, secret = _secret_words(name)
    return _holds_secret(
        words, tuple(s or w == "key" for s, w in zip(secret, words, strict=True)), value
    )


@lru_cache(maxsize=10_000)
def _secret_words(name: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """Split a name into words; tell for each of them whether it is the word for a secret."""
    words = tuple(word.lower() for word in _WORD.findall(name))
    if words[-1:] == ("env",):  # the value is the name of an environment variable
        return words, (False,) * len(words)
    return words, tuple(map(_is_secret_word, ("", *words), words))


def _is_secret_word(before: str, word: str) -> bool:
    if word == "key":
        return before in _KEYS
    return word in _WORDS and not (word == "token" and before in _VOCABULARY)


def _holds_secret(words: tuple[str, ...], secret: tuple[bool, ...], value: Any) -> bool:
    if value is None or isinstance(value, bool | float) or value == "":
        return False
    if isinstance(value, int):
        return secret[-1:] == (True,) and _AMOUNTS.isdisjoint(words)
    return any(secret)


# Texts may be long and hostile. So that a search takes linear time, a pattern either begins where
# no other of its matches can, or has a bounded length.
LOOKS_SECRET = re.compile(
    r"(?P<scheme>(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]*://)(?!git@)"
    r"[^\s/@:'\"]{0,200}(?::(?!\d+/)[^\s@'\"]{0,200})?@"
    r"|(?P<name>(?i:\b(?:password|pwd)) ?= ?)[^;\"'\n]{1,200}(?=;)"
    r"|(?P<header>(?i:\bauthorization) ?: ?(?i:bearer |basic |token )?)[^\s;,\"']{1,1000}"
    r"|-----BEGIN [^-]{1,100}-----(?:.*?-----END [^-]{1,100}-----|.*)"
    r"|(?<![A-Za-z0-9])(?:"
    r"(?:gh[opusr]|github_pat|glpat|hf|npm)[_-][A-Za-z0-9_-]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|xox[a-z]-[\w-]{10,}"
    r"|sk-(?=[\w-]{0,200}[0-9])[\w-]{20,}"
    r"|eyJ[\w-]{8,1000}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"
    r")",
    re.DOTALL,
)
"""Text that is a secret by its shape: the user and password in an address, the password in a
connection string, the value of the header `Authorization`, a PEM block, a token of a well-known
issuer, a JSON Web Token."""


def typed(text: str) -> str | float:
    """Return a value of the same type for the text of a number or of true, false or null.

    A domain of numbers counts as a fraction. Any other text is returned itself.
    """
    if text.rstrip(",;") in ("true", "false", "null"):
        return False  # no such value is a secret
    # The names of secrets are judged by the type of a value: an integer may be a secret, whereas a
    # fraction or a domain of numbers never is.
    arguments = _FUNCTION.sub("(", text)
    if not _DIGIT.search(arguments) or _LETTER.search(arguments):
        return text
    return 0.5 if arguments != text or "." in text or "e" in text.lower() else 1


_FUNCTION = re.compile(r"(?<!\w)[A-Za-z_]\w*\(")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[^0-9.eE+\-\s,()'\"=]")
