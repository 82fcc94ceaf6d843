"""The server as tests use it."""

import json
import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .access import Tokens
from .certificates import server_context
from .faults import Faults, Refusal
from .kubeconfig import kubeconfig, write_kubeconfig
from .request_log import RequestLog, RequestRecord
from .serving.api import Answer, Api
from .serving.connections import Listener
from .serving.messages import Request, Response, error_response
from .serving.paths import Target
from .serving.pod_logs import LogSource
from .serving.writing import Admission
from .store.garbage import GarbageCollector
from .store.history import Notice
from .store.objects import ObjectStore
from .store.resources import NAMESPACES, JsonObject, Resource, resource_of, with_definitions
from .store.status_errors import StatusError
from .validation.defaults import with_defaults
from .validation.rules import Rules
from .validation.schemas import Schema

ADMINISTRATOR = "admin-token"


class ApiServer:
    """Kubernetes API server on a port of this machine, for use in a `with` statement.

    Parameters
    ----------
    crds : iterable of Path
        Custom resource definitions, as JSON; kinds of Kubeflow that are not among them are
        accepted without a schema.
    token : str
        Token of the administrator, who may do anything.
    namespaces : sequence of str
        Namespaces that exist from the beginning.
    collection_delay : float
        Seconds after which the garbage collector looks at the dependents of what was deleted.
    bookmark_seconds : float
        Seconds between bookmarks of a watch.
    tls : bool
        Whether to serve over TLS, with a certificate of an authority made for the purpose.
    """

    def __init__(
        self,
        *,
        crds: Iterable[Path] = (),
        token: str = ADMINISTRATOR,
        namespaces: Sequence[str] = ("default",),
        collection_delay: float = 0.05,
        bookmark_seconds: float = 60.0,
        tls: bool = False,
    ) -> None:
        definitions = [json.loads(path.read_text()) for path in crds]
        schemas = {resource_of(each): Schema(each) for each in definitions}
        self.token = token
        self.tokens = Tokens(token)
        self.store = ObjectStore()
        self.requests = RequestLog()
        self.errors: list[Exception] = []
        """Mistakes of the server itself, or of a review; the first is raised at the end."""
        self.resources = with_definitions(schemas)
        self.authority: bytes | None = None
        """Certificate of the authority in PEM, if the server serves over TLS."""
        self._rules = Rules(schemas)
        self.admission: list[Admission] = []
        """What reviews each write after validation; a cluster adds its webhooks and quotas."""
        self._api = Api(
            self.store,
            self.resources,
            self._rules,
            self.tokens,
            bookmark_seconds,
            self.admission,
        )
        self._collection_delay = collection_delay
        self._closing = threading.Event()
        self._outage: Refusal | None = None
        self._outage_over = threading.Condition()
        self._listener = Listener(self._serve, self._context() if tls else None)
        self._listener.greet = self._greet
        self.faults = Faults(
            self._drop_watches, self._expire_versions, self._drop_connections, self._set_outage
        )
        for namespace in namespaces:
            self.add_namespace(namespace)

    @property
    def url(self) -> str:
        """Return the address of the server."""
        scheme = "http" if self.authority is None else "https"
        return f"{scheme}://127.0.0.1:{self._listener.port}"

    def __enter__(self) -> Self:
        self._collector = GarbageCollector(self.store, self._collection_delay)
        self._listener.listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._set_outage(None, listens=False)
        self._listener.refuse()
        self._drop_watches()
        self._listener.close()
        self._collector.close()
        self.store.close()
        if self.errors and error is None:
            raise self.errors[0]

    def kubeconfig(
        self,
        path: Path,
        *,
        token: str | None = None,
        user: JsonObject | None = None,
        authority: bytes | None = None,
        namespace: str = "default",
        context: str = "test",
    ) -> Path:
        """Write a kubeconfig for the server: of the administrator, of a token, or of `user`.

        `authority` is trusted instead of the one that has signed the server's certificate.
        """
        config = kubeconfig(
            self.url,
            token=self.token if token is None else token,
            user=user,
            authority=authority or self.authority,
            namespace=namespace,
            context=context,
        )
        return write_kubeconfig(path, config)

    def add_namespace(self, name: str, labels: Mapping[str, str] | None = None) -> None:
        """Create a namespace, with labels such as those of Pod Security."""
        namespace = {"metadata": {"name": name, "labels": dict(labels or {})}}
        self.store.create(NAMESPACES, "", with_defaults(NAMESPACES, namespace))

    def add_user(
        self,
        token: str,
        name: str,
        rules: Sequence[Mapping[str, Any]],
        namespace: str | None = None,
    ) -> None:
        """Accept a token of a user who has the rules of a `Role`, in a namespace or in all."""
        self.tokens.add(token, name, rules, namespace)

    def resource(self, plural: str) -> Resource:
        """Return the kind of a plural, such as `pods`."""
        return next(each for each in self.resources if each.plural == plural)

    def create(self, resource: Resource, namespace: str, value: JsonObject) -> JsonObject:
        """Create an object as if a client had sent it, checks and defaults included."""
        target = Target(resource, namespace)
        created, _ = self._api.writing.create_object(target, value, "Warn", dry_run=False)
        return created

    def serve_logs(self, source: LogSource) -> None:
        """Let `source` serve the logs of pods."""
        self._api.logs.source = source

    def _serve(self, request: Request) -> Answer | None:
        verb, target = self._api.describe(request)
        plural = target.plural if target is not None else ""
        fault = None
        for taken in self.faults.take(request.method, request.path, verb, plural):
            self._closing.wait(taken.seconds)
            fault = fault if taken.only_delays else taken
        if fault is not None and fault.status is not None:
            headers = tuple(fault.headers.items())
            answer: Answer | None = Response(fault.status, fault.body, fault.content_type, headers)
        else:
            answer = self._answer(request)
        if fault is not None and fault.loses_answer:
            answer = None
        self._record(request, verb, target, answer)
        return answer

    def _answer(self, request: Request) -> Answer:
        try:
            return self._api.answer(request)
        except Exception as error:  # noqa: BLE001 - reported at the end, whatever it is
            self.errors.append(error)
            return error_response(StatusError(500, "InternalError", f"{error!r}"))

    def _record(
        self, request: Request, verb: str, target: Target | None, answer: Answer | None
    ) -> None:
        try:
            user = self._api.user_of(request).name
        except StatusError:
            user = ""
        status = 0 if answer is None else answer.status if isinstance(answer, Response) else 200
        self.requests.add(
            RequestRecord(
                request.method,
                request.path,
                dict(request.query),
                verb,
                "" if target is None else target.plural,
                "" if target is None else target.namespace,
                "" if target is None else target.name,
                user,
                status,
                time.monotonic(),
            )
        )

    def _greet(self) -> bool:
        with self._outage_over:
            if self._outage == "hang":
                self._outage_over.wait_for(lambda: self._outage != "hang")
                return False
            return self._outage is None

    def _set_outage(self, kind: Refusal | None, *, listens: bool = True) -> None:
        with self._outage_over:
            before, self._outage = self._outage, kind
            self._outage_over.notify_all()
        if kind is not None:
            if kind == "refuse":
                self._listener.refuse()
            self._drop_connections()
        elif before == "refuse" and listens:
            self._listener.listen()

    def _drop_watches(self) -> int:
        with self.store.lock:
            return self.store.history.end_watches(Notice("CLOSED"))

    def _drop_connections(self) -> None:
        self._drop_watches()
        self._listener.drop()

    def _expire_versions(self, within_watches: bool) -> None:  # noqa: FBT001 - a callback
        with self.store.lock:
            self.store.history.forget()
            if within_watches:
                self.store.history.end_watches(Notice("EXPIRED"))

    def _context(self) -> ssl.SSLContext:
        context, self.authority = server_context()
        return context
