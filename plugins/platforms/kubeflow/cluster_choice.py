"""Records in the plan which cluster a sweep runs on, so that a resume finds its jobs there."""

import os
from dataclasses import replace
from pathlib import Path

from .api.errors import NoClusterError
from .api.login import KubeconfigLogin, find_login
from .options import KubeflowOptions


def choose_cluster(options: KubeflowOptions) -> KubeflowOptions:
    """Fill in the context and the namespace, and make the path of the kubeconfig absolute.

    A resume may start in another folder, and after the current context has changed. Without a
    cluster the options stay as they are, because `plan` and `render` need none.
    """
    options = replace(options, kubeconfig=_absolute(options.kubeconfig))
    try:
        login = find_login(options.kubeconfig, options.context)
    except NoClusterError:
        return options
    context = login.context.name if isinstance(login, KubeconfigLogin) else None
    namespace = options.namespace or login.namespace or "default"
    return replace(options, context=context, namespace=namespace)


def _absolute(paths: str | None) -> str | None:
    # A path that begins with `~` is left as it is: the plan may be resumed by another user.
    return paths and os.pathsep.join(
        path if path.startswith("~") or not path else str(Path(path).absolute())
        for path in paths.split(os.pathsep)
    )
