"""Names as Kubernetes wants them: the syntax of each kind of name, and the names of a sweep.

The name of an object is its identity, so it depends on the sweep, the trial and the attempt alone.
A text that is too long, or that has characters that a name cannot have, is shortened and gets a
hash, so that different texts keep different names.
"""

import re
from hashlib import sha256

LABEL_LENGTH = 63
"""Maximum length of a DNS label (RFC 1035), and of the value of a label of Kubernetes."""
NAME_LENGTH = 253
"""Maximum length of a DNS subdomain, and of the names of most objects."""
JOB_LENGTH = 44
"""Maximum length of a job's name. Names of its pods must not be longer than 63 characters, because
they are names of services and hosts, and operators append up to ``-evaluator-`` and 8 digits."""
_HASH_LENGTH = 8

_DNS_1035 = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_DNS_1123 = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_DNS_1123.pattern}(?:\.{_DNS_1123.pattern})*")
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_OTHER = re.compile(r"[^a-z0-9]+")


def is_dns_1035(text: str) -> bool:
    """Tell whether a text is a DNS label that begins with a letter."""
    return len(text) <= LABEL_LENGTH and _DNS_1035.fullmatch(text) is not None


def is_dns_label(text: str) -> bool:
    """Tell whether a text is a DNS label, as the names of namespaces and containers are."""
    return len(text) <= LABEL_LENGTH and _DNS_1123.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Tell whether a text is a DNS subdomain, as the names of most objects are."""
    return len(text) <= NAME_LENGTH and _SUBDOMAIN.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Tell whether a text can be the value of a label; an empty text can."""
    return not text or (len(text) <= LABEL_LENGTH and _LABEL_NAME.fullmatch(text) is not None)


def is_qualified_name(text: str) -> bool:
    """Tell whether a text can be the key of a label, an annotation or a resource."""
    prefix, slash, name = text.rpartition("/")
    valid = len(name) <= LABEL_LENGTH and _LABEL_NAME.fullmatch(name) is not None
    return valid and (is_subdomain(prefix) if slash else True)


def is_variable(text: str) -> bool:
    """Tell whether Kubernetes accepts a text as the name of an environment variable."""
    return _VARIABLE.fullmatch(text) is not None and not text.startswith("..") and text != "."


def is_key(text: str) -> bool:
    """Tell whether a text can be a key of a Secret or of a ConfigMap."""
    valid = len(text) <= NAME_LENGTH and _CONFIG_KEY.fullmatch(text) is not None
    return valid and text != "." and not text.startswith("..")


def sweep_name(sweep: str) -> str:
    """Name the objects of a sweep, and the label by which all of them are found."""
    return shortened(f"sw-{sweep}", JOB_LENGTH)


def job_name(sweep: str, trial: int, attempt: int) -> str:
    """Name the job of an attempt; the names of its pods are DNS labels as well."""
    number = f"-{trial}-{attempt}"
    text = f"sw-{sweep}{number}"
    if is_dns_1035(text) and len(text) <= JOB_LENGTH:
        return text
    if len(number) > JOB_LENGTH // 2:
        return shortened(text, JOB_LENGTH)
    return shortened(f"sw-{sweep}", JOB_LENGTH - len(number)) + number


def label_value(text: str) -> str:
    """Return a text as the value of a label: the text itself if it can be one."""
    return text if is_label_value(text) else shortened(text, LABEL_LENGTH)


def shortened(text: str, length: int) -> str:
    """Return a text as a DNS label of at most `length` characters; a changed one has a hash."""
    if len(text) <= length and _DNS_1035.fullmatch(text):
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    readable = _OTHER.sub("-", text.lower()).strip("-")[: length - _HASH_LENGTH - 1].strip("-")
    start = readable if readable[:1].isalpha() else f"x{readable}"[: length - _HASH_LENGTH - 1]
    return f"{start.strip('-')}-{digest}"
