"""What can go wrong between the driver and an API server."""

from collections.abc import Mapping, Sequence

from sweepwright.events import Json

_PASSING = frozenset({0, 408, 429, 500, 502, 503, 504})
"""Statuses of answers that may be different a moment later; 0 stands for no answer at all."""
_LONGEST_TEXT = 300
"""Characters that are quoted of an answer that is no JSON."""
_PLAIN_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
}


class MissingClientError(Exception):
    """The package that speaks to API servers is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the package `kubernetes` is not installed: pip install 'sweepwright[kubeflow]'"
        )


class NoClusterError(Exception):
    """No cluster is configured, or its configuration cannot be used; the message has one line."""

    def __init__(
        self, message: str, looked_for: Sequence[str] = (), option: str = "kubeconfig"
    ) -> None:
        super().__init__(one_line(message))
        self.looked_for = list(looked_for)
        """What was looked for, each with the place and with what was wrong there."""
        self.option = option
        """The platform's option that this is about."""


class ApiError(Exception):
    """A request was not answered, or was answered by a refusal; the message has one line."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        causes: Sequence[tuple[str, str]] = (),
        warnings: Sequence[str] = (),
        retry_after: float | None = None,
        transient: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """Status of HTTP; 0 if there was no answer."""
        self.reason = reason
        """Kubernetes' word for the error, such as ``AlreadyExists``."""
        self.message = message
        self.causes = list(causes)
        """The faulty fields of an object, each with what is wrong with it."""
        self.warnings = list(warnings)
        self.retry_after = retry_after
        """Seconds that the server asks clients to wait."""
        self.transient = status in _PASSING if transient is None else transient
        """Whether the same request may succeed a moment later."""


UNKNOWN_PATH = "UnknownPath"
"""The reason of a 404 about a resource that the server does not know, not about an object."""


def refusal(status: int, headers: Mapping[str, str], body: bytes, document: Json) -> ApiError:
    """Describe an answer other than 2xx; `document` is its body if that is JSON, else None.

    API servers answer with a `Status` object, except for paths that they do not know
    (``404 page not found``); a proxy in between may answer in HTML.
    """
    warnings = warning_texts(headers)
    if isinstance(document, dict) and document.get("kind") == "Status":
        details = document.get("details") or {}
        return ApiError(
            status,
            str(document.get("reason") or _PLAIN_REASONS.get(status, f"Status{status}")),
            one_line(str(document.get("message") or f"status {status}")),
            causes=[
                (str(cause.get("field") or ""), one_line(str(cause.get("message") or "")))
                for cause in details.get("causes") or []
            ],
            warnings=warnings,
            retry_after=_seconds(headers.get("Retry-After") or details.get("retryAfterSeconds")),
        )
    reason = UNKNOWN_PATH if status == 404 else _PLAIN_REASONS.get(status, f"Status{status}")  # noqa: PLR2004
    return ApiError(
        status,
        reason,
        _plain_message(status, body),
        warnings=warnings,
        retry_after=_seconds(headers.get("Retry-After")),
    )


def warning_texts(headers: Mapping[str, str]) -> list[str]:
    """Return the texts of ``Warning: 299 - "unknown field …"`` headers.

    Several headers arrive joined by commas. A quoted text has its own quotes escaped.
    """
    texts: list[str] = []
    rest = headers.get("Warning", "")
    while '"' in rest:
        text, rest = _quoted(rest[rest.index('"') + 1 :])
        texts.append(one_line(text))
    return texts


def one_line(text: str) -> str:
    """Join the lines of a text, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> tuple[str, str]:
    """Split a text after its closing quote."""
    found: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == '"':
            break
        found.append(next(characters, "") if character == "\\" else character)
    return "".join(found), "".join(characters)


def _plain_message(status: int, body: bytes) -> str:
    text = one_line(body[: 4 * _LONGEST_TEXT].decode("utf-8", "replace"))
    if not text or text.startswith("<"):
        return f"status {status}"
    return f"status {status}: {text[:_LONGEST_TEXT]}"


def _seconds(value: object) -> float | None:
    """Read a number of seconds; dates, which API servers never send, count as absent."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None
