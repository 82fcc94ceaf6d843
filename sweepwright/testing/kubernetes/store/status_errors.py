"""Errors as the API server words them: a code, a reason, a message and causes by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .resources import JsonObject, Resource

REQUIRED = "FieldValueRequired"
INVALID = "FieldValueInvalid"
DUPLICATE = "FieldValueDuplicate"
FORBIDDEN = "FieldValueForbidden"
NOT_SUPPORTED = "FieldValueNotSupported"
TOO_LONG = "FieldValueTooLong"
TOO_MANY = "FieldValueTooMany"
WRONG_TYPE = "FieldValueTypeInvalid"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with one field."""

    reason: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class StatusError(Exception):
    """Refusal of a request, which answers it as an object of kind `Status`."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: JsonObject | None = None,
        causes: Sequence[Cause] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.causes = causes
        self.warnings: tuple[str, ...] = ()

    def body(self) -> JsonObject:
        """Return the `Status` that the server answers."""
        status: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        details = dict(self.details or {})
        if self.causes:
            details["causes"] = [
                {"reason": cause.reason, "message": cause.message, "field": cause.field}
                for cause in self.causes
            ]
        return {**status, **({"details": details} if details else {}), "code": self.code}


def details_of(resource: Resource, name: str, **more: Any) -> JsonObject:
    """Return the details that name an object, without what is empty."""
    named = {"name": name, "group": resource.group, "kind": resource.plural, **more}
    return {key: value for key, value in named.items() if value}


def not_found(resource: Resource, name: str) -> StatusError:
    """Say that an object does not exist."""
    message = f'{resource.qualified_plural} "{name}" not found'
    return StatusError(404, "NotFound", message, details_of(resource, name))


def already_exists(resource: Resource, name: str) -> StatusError:
    """Say that an object of the name exists."""
    message = f'{resource.qualified_plural} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, details_of(resource, name))


def conflict(resource: Resource, name: str) -> StatusError:
    """Say that the object has changed since the client read it."""
    message = (
        f'Operation cannot be fulfilled on {resource.qualified_plural} "{name}": the object has '
        "been modified; please apply your changes to the latest version and try again"
    )
    return StatusError(409, "Conflict", message, details_of(resource, name))


def precondition_failed(resource: Resource, name: str, what: str) -> StatusError:
    """Say that an object is not the one that a delete was meant for."""
    message = (
        f'Operation cannot be fulfilled on {resource.qualified_kind} "{name}": {what}. The object '
        "might have been deleted and then recreated"
    )
    return StatusError(409, "Conflict", message, details_of(resource, name, kind=resource.kind))


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> StatusError:
    """Say what is wrong with an object, field by field."""
    qualified = f"{kind}.{group}" if group else kind
    listed = ", ".join(str(cause) for cause in causes)
    what = listed if len(causes) == 1 else f"[{listed}]"
    named = {"name": name, "group": group, "kind": kind}
    details = {key: value for key, value in named.items() if value}
    message = f'{qualified} "{name}" is invalid: {what}'
    return StatusError(422, "Invalid", message, details, causes)


def bad_request(message: str) -> StatusError:
    """Say that a request cannot be understood."""
    return StatusError(400, "BadRequest", message)


def unauthorized() -> StatusError:
    """Say that the server knows no such credentials."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def expired(version: int, oldest: int) -> StatusError:
    """Say that the changes since a version are no longer known."""
    return StatusError(410, "Expired", f"too old resource version: {version} ({oldest})")


def too_large_version(version: int, current: int) -> StatusError:
    """Say that a version lies in the future."""
    message = f"Timeout: Too large resource version: {version}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return StatusError(504, "Timeout", message, {"causes": [cause]})


def unsupported_media(accepted: Sequence[str]) -> StatusError:
    """Say that a body of this type is not read."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return StatusError(415, "UnsupportedMediaType", message)


def method_not_allowed() -> StatusError:
    """Say that a resource has no such verb."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})
