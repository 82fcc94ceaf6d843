"""Finding a cluster like kubectl does, and logging in to it."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from sweepwright.plugins.platforms.kubeflow.api.cluster import ClusterSettings, open_cluster
from sweepwright.plugins.platforms.kubeflow.api.errors import MissingClientError, NoClusterError
from sweepwright.plugins.platforms.kubeflow.api.kubeconfig import read_context
from sweepwright.plugins.platforms.kubeflow.api.login import (
    KubeconfigLogin,
    ServiceAccountLogin,
    find_login,
)
from sweepwright.plugins.platforms.kubeflow.api.session import Session
from sweepwright.testing.kubernetes import certificates
from tests.plugins.platforms.kubeflow.api.scripted_server import write_kubeconfig

URL = "http://127.0.0.1:1"
TOKEN = "t0"  # noqa: S105 — of a test
API = "client.authentication.k8s.io/v1"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / ".kube").mkdir(parents=True)
    return tmp_path / "home"


def nowhere(tmp_path):
    return {"service_account": tmp_path / "no-account"}


@pytest.mark.usefixtures("home")
def test_everything_that_was_looked_for_is_told(tmp_path):
    with pytest.raises(NoClusterError) as caught:
        find_login(None, None, environ={}, **nowhere(tmp_path))

    assert caught.value.looked_for == [
        "$KUBECONFIG: not set",
        "kubeconfig file ~/.kube/config: not found",
        "service account of a pod: $KUBERNETES_SERVICE_HOST is not set",
    ]
    assert all(each in str(caught.value) for each in caught.value.looked_for)


def test_the_option_is_all_that_counts_if_it_is_set(home, tmp_path):
    write_kubeconfig(home / ".kube/config", URL)
    with pytest.raises(NoClusterError, match=r"^no cluster: kubeconfig file ~/absent: not found$"):
        find_login("~/absent", None, environ={}, **nowhere(tmp_path))

    own = write_kubeconfig(tmp_path / "own", URL)
    assert find_login(str(own), None, environ={}).where == f"context `test` of {own}"


def test_the_variable_may_name_several_files(home, tmp_path):
    write_kubeconfig(home / ".kube/config", "http://ignored")
    file = write_kubeconfig(tmp_path / "own", URL)
    environ = {"KUBECONFIG": f"{tmp_path}/absent:{file}:"}

    assert find_login(None, None, environ=environ).where == f"context `test` of {file}"
    with pytest.raises(NoClusterError, match=r"of \$KUBECONFIG: not found"):
        find_login(None, None, environ={"KUBECONFIG": f"{tmp_path}/absent"}, **nowhere(tmp_path))


def test_the_usual_file_comes_next(home):
    write_kubeconfig(home / ".kube/config", URL)

    login = find_login(None, None, environ={})
    assert login.where == "context `test` of ~/.kube/config"
    assert login.namespace == "lab"


def service_account(folder: Path, token="t1") -> Path:  # noqa: S107 — of a test
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(token, encoding="utf-8")
    (folder / "ca.crt").write_text("certificate", encoding="utf-8")
    (folder / "namespace").write_text("pods-own\n", encoding="utf-8")
    return folder


IN_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def test_a_driver_in_a_pod_uses_its_service_account(tmp_path):
    folder = service_account(tmp_path / "account")
    login = find_login(None, None, environ=IN_POD, service_account=folder)

    assert isinstance(login, ServiceAccountLogin)
    assert login.namespace == "pods-own"
    loaded = login.load()
    assert loaded.configuration.host == "https://10.0.0.1:443"
    assert str(loaded.authorization).lower() == "bearer t1"
    assert "t1" not in repr(loaded)


def test_a_token_file_is_read_again(tmp_path):
    now = [1000.0]
    folder = service_account(tmp_path / "account")
    (folder / "ca.crt").write_text("", encoding="utf-8")
    file = write_kubeconfig(tmp_path / "f", URL, tokenFile=str(folder / "token"))
    source = KubeconfigLogin(read_context([file], None), clock=lambda: now[0])
    session = Session(source, clock=lambda: now[0])
    before = session.credentials()
    (folder / "token").write_text("t2\n", encoding="utf-8")
    assert session.credentials() is before

    now[0] += 61
    after = session.credentials()
    assert (before.authorization, after.authorization) == ("Bearer t1", "Bearer t2")
    assert after.transport is before.transport
    (folder / "token").unlink()
    now[0] += 61
    assert session.credentials() is after
    session.close()


def plugin(folder: Path, script: str, **settings) -> Path:
    """Write a kubeconfig whose user has a plugin in Python."""
    (folder / "plugin.py").write_text(script, encoding="utf-8")
    arguments = [str(folder / "plugin.py")]
    user = {"exec": {"apiVersion": API, "command": sys.executable, "args": arguments, **settings}}
    return write_kubeconfig(folder / "kubeconfig", URL, **user)


def credential(**status) -> str:
    return f"print({json.dumps({'apiVersion': API, 'kind': 'X', 'status': status})!r})"


def test_a_plugin_provides_a_token(tmp_path):
    script = "import json, os\ninfo = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
    script += "token = info['spec']['cluster']['server'] + os.environ['MINE']\n"
    script += f"print(json.dumps({{'apiVersion': '{API}', 'status': {{'token': token}}}}))"
    file = plugin(tmp_path, script, provideClusterInfo=True, env=[{"name": "MINE", "value": "!"}])

    assert find_login(str(file), None).load().authorization == f"Bearer {URL}!"


def test_a_plugin_provides_a_certificate(tmp_path):
    key, certificate = certificates._authority("client")
    pair = [certificates._pem(certificate).decode(), certificates._pem_of_key(key).decode()]
    script = credential(clientCertificateData=pair[0], clientKeyData=pair[1])
    file = plugin(tmp_path, script)
    text = file.read_text(encoding="utf-8").replace("http://", "https://")
    file.write_text(text, encoding="utf-8")
    configuration = find_login(str(file), None).load().configuration

    files = [configuration.cert_file, configuration.key_file]
    assert [Path(each).read_text(encoding="utf-8") for each in files] == pair


def test_a_credential_that_expires_is_replaced_in_time(tmp_path):
    now = [0.0]
    file = plugin(tmp_path, credential(token=TOKEN, expirationTimestamp="1970-01-01T01:00:00Z"))
    source = KubeconfigLogin(read_context([file], None), clock=lambda: now[0])

    assert source.load().stale_at == 3540
    now[0] = 3600.0
    assert source.load().stale_at == 3601


@pytest.mark.parametrize(
    ("script", "settings", "message"),
    [
        ("print(1)", {"command": "no-such-plugin", "installHint": "get\nit"}, "installed: get it"),
        ("raise SystemExit('log in\\nfirst')", {}, "failed with exit code 1: log in first"),
        ("print('x')", {}, "printed no JSON"),
        ("print('[]')", {}, "printed no ExecCredential with a status"),
        (credential(), {}, "returned neither a token nor a certificate"),
        (credential(token=TOKEN), {"apiVersion": "v0"}, "and the kubeconfig says v0"),
        (credential(token=TOKEN), {"apiVersion": None}, "needs `apiVersion` and `command`"),
        (credential(token=TOKEN), {"interactiveMode": "Always"}, "asks questions"),
    ],
)
def test_what_is_wrong_with_a_plugin_is_told(tmp_path, script, settings, message):
    file = plugin(tmp_path, script, **settings)
    with pytest.raises(NoClusterError) as caught:
        find_login(str(file), None).load()

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cluster", "user", "message"),
    [
        ({"certificate-authority": "absent.pem"}, {}, "/absent.pem"),
        ({"certificate-authority-data": "abc"}, {}, "cannot be decoded"),
        ({"certificate-authority-data": "eA=="}, {}, "the certificate authority cannot be read"),
        (
            {},
            {"client-certificate-data": "eA==", "client-key-data": "eA=="},
            "the client certificate or its key cannot be read",
        ),
        ({"server": ""}, {}, "its cluster has no `server`"),
        ({"server": "10.0.0.1:6443"}, {}, "its `server` is no URL: 10.0.0.1:6443"),
        ({"server": "https://[::1"}, {}, "its `server` is no URL"),
    ],
)
def test_what_is_wrong_with_a_cluster_is_told(tmp_path, cluster, user, message):
    file = write_kubeconfig(tmp_path / "f", "https://127.0.0.1:1", **user)
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["clusters"][0]["cluster"].update(cluster)
    file.write_text(yaml.safe_dump(document), encoding="utf-8")

    with pytest.raises(NoClusterError, match=re.escape(message)):
        open_cluster(ClusterSettings(kubeconfig=str(file)))


def test_a_token_that_cannot_be_sent_is_not_quoted(tmp_path):
    file = write_kubeconfig(tmp_path / "kubeconfig", URL, token="canary\nof two lines")  # noqa: S106
    with pytest.raises(NoClusterError, match="its token has characters") as caught:
        open_cluster(ClusterSettings(kubeconfig=str(file)))

    assert "canary" not in str(caught.value)


def test_the_namespace_of_the_option_comes_first(tmp_path):
    file = write_kubeconfig(tmp_path / "f", URL)
    for option, expected in ((None, "lab"), ("mine", "mine")):
        cluster = open_cluster(ClusterSettings(kubeconfig=str(file), namespace=option))
        assert cluster.namespace == expected
        cluster.close()


def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    file = write_kubeconfig(tmp_path / "f", URL)
    for name in [name for name in sys.modules if name.split(".")[0] == "kubernetes"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(MissingClientError, match=r"pip install 'sweepwright\[kubeflow\]'"):
        open_cluster(ClusterSettings(kubeconfig=str(file)))
