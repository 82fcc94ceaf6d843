"""From a request to its answer: who asks, for what, and which part of the server answers."""

from collections.abc import Sequence
from typing import TypeAlias

from ..access import Access, Tokens, User, forbidden
from ..store.objects import ObjectStore
from ..store.resources import JsonObject, Resource
from ..store.status_errors import StatusError, method_not_allowed
from ..validation.rules import Rules
from .bodies import read_json
from .deleting import Deleting
from .discovery import discover
from .messages import Request, Response, Stream, error_response, json_response, page_not_found
from .paths import Paths, Target, verb_of
from .pod_logs import PodLogs
from .reading import Reading
from .watching import Watching
from .writing import Admission, Writing

Answer: TypeAlias = Response | Stream

_REVIEWS_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Api:
    """The whole API, apart from connections and faults."""

    def __init__(
        self,
        store: ObjectStore,
        resources: Sequence[Resource],
        rules: Rules,
        tokens: Tokens,
        bookmark_seconds: float,
        admission: Sequence[Admission],
    ) -> None:
        self._paths = Paths(resources)
        self._tokens = tokens
        self._reading = Reading(store)
        self._watching = Watching(store, bookmark_seconds)
        self.writing = Writing(store, rules, admission)
        self._deleting = Deleting(store)
        self.logs = PodLogs(store)

    def describe(self, request: Request) -> tuple[str, Target | None]:
        """Return the verb and the target of a request; the method where it has no target."""
        target = self._paths.find(request.path)
        if target is None:
            return request.method.lower(), None
        verb = verb_of(request.method, target, watch=request.flag("watch"))
        return verb or request.method.lower(), target

    def user_of(self, request: Request) -> User:
        """Return who asks."""
        return self._tokens.user_of(request.headers.get("authorization"))

    def answer(self, request: Request) -> Answer:
        """Answer a request, or say in the answer why it is refused."""
        try:
            return self._answer(request, self.user_of(request))
        except StatusError as error:
            return error_response(error)

    def _answer(self, request: Request, user: User) -> Answer:
        if request.path == _REVIEWS_PATH and request.method == "POST":
            return _review(request, user)
        target = self._paths.find(request.path)
        if target is None:
            found = discover(request.path, self._paths.resources)
            return found if found is not None else page_not_found()
        verb = verb_of(request.method, target, watch=request.flag("watch"))
        if verb is None:
            raise method_not_allowed()
        access = target.access(verb)
        if not user.may(access):
            raise forbidden(user, access, target.resource)
        return self._do(verb, target, request)

    def _do(self, verb: str, target: Target, request: Request) -> Answer:
        if target.part == "log":
            return self.logs.read(target, request)
        match verb:
            case "get":
                return self._reading.get(target)
            case "list":
                return self._reading.list(target, request)
            case "watch":
                return self._watching.watch(target, request)
            case "create":
                return self.writing.create(target, request)
            case "update":
                return self.writing.update(target, request)
            case "patch":
                return self.writing.patch(target, request)
            case "delete":
                return self._deleting.delete(target, request)
            case _:
                return self._deleting.delete_collection(target, request)


def _review(request: Request, user: User) -> Response:
    """Answer whether the one who asks may do something."""
    body: JsonObject = read_json(request) or {}
    asked = (body.get("spec") or {}).get("resourceAttributes") or {}
    part = asked.get("subresource")
    plural = asked.get("resource", "")
    access = Access(
        asked.get("verb", ""),
        asked.get("group", ""),
        f"{plural}/{part}" if part else plural,
        asked.get("namespace", ""),
        asked.get("name", ""),
    )
    answer = {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": body.get("spec"),
        "status": {"allowed": user.may(access)},
    }
    return json_response(answer, 201)
