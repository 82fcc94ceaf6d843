"""Who may do what: tokens, the users behind them and their rules, as of RBAC.

Rules have the form of those in a `Role`, so that a test can give a user the very rules that a
deployment grants.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .store.resources import JsonObject, Resource
from .store.status_errors import StatusError, details_of, unauthorized

ANONYMOUS = "system:anonymous"


@dataclass(frozen=True, slots=True)
class Access:
    """What a request wants to do with what."""

    verb: str
    group: str
    resource: str
    """The plural, with its sub-resource if any, as rules name it: `pods/log`."""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule of a role, in one namespace or, where that is None, in all."""

    rule: Mapping[str, Any]
    namespace: str | None

    def allows(self, access: Access) -> bool:
        """Tell whether the rule allows an access."""
        rule = self.rule
        names = rule.get("resourceNames")
        return (
            self.namespace in {None, access.namespace}
            and _among(access.verb, rule.get("verbs", ()))
            and _among(access.group, rule.get("apiGroups", ()))
            and _among(access.resource, rule.get("resources", ()))
            and (not names or access.name in names)
        )


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom a token stands for."""

    name: str
    grants: Sequence[Grant] = field(default=())

    def may(self, access: Access) -> bool:
        """Tell whether any rule allows an access."""
        return any(grant.allows(access) for grant in self.grants)


_EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


class Tokens:
    """Tokens that the server accepts."""

    def __init__(self, administrator: str) -> None:
        self._lock = threading.Lock()
        self._users = {administrator: User("admin", [Grant(_EVERYTHING, None)])}
        self._nobody = User(ANONYMOUS)

    def add(
        self,
        token: str,
        name: str,
        rules: Sequence[Mapping[str, Any]] = (_EVERYTHING,),
        namespace: str | None = None,
    ) -> None:
        """Accept a token of a user with these rules, which may do anything unless told."""
        with self._lock:
            self._users[token] = User(name, [Grant(rule, namespace) for rule in rules])

    def expire(self, token: str) -> None:
        """Accept a token no more."""
        with self._lock:
            self._users.pop(token, None)

    def user_of(self, authorization: str | None) -> User:
        """Return the user of an `Authorization` header."""
        if not authorization:
            return self._nobody
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            user = self._users.get(token.strip())
        if scheme.lower() != "bearer" or user is None:
            raise unauthorized()
        return user


def forbidden(user: User, access: Access, resource: Resource | None) -> StatusError:
    """Say what a user may not do."""
    plural = access.resource.partition("/")[0]
    qualified = f"{plural}.{access.group}" if access.group else plural
    where = (
        f' in the namespace "{access.namespace}"' if access.namespace else " at the cluster scope"
    )
    named = f' "{access.name}"' if access.name else ""
    message = (
        f'{qualified}{named} is forbidden: User "{user.name}" cannot {access.verb} resource '
        f'"{access.resource}" in API group "{access.group}"{where}'
    )
    details: JsonObject = {} if resource is None else details_of(resource, access.name)
    return StatusError(403, "Forbidden", message, details)


def _among(value: str, allowed: Sequence[str]) -> bool:
    plural = value.partition("/")[0]
    return "*" in allowed or value in allowed or ("/" in value and f"{plural}/*" in allowed)
