"""What is sent of a folder: its own files, and neither secrets nor what nobody needs there."""

import errno
import inspect
import os
import socket
import sys
from pathlib import Path

import pytest

from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.runner_client import ignore_rules
from sweepwright.runner_client.code_listing import Listing, scan
from tests.sweepwright.runner_client.folders import KEY, sent, write


def links(listing: Listing) -> dict[str, str]:
    return {entry.path: entry.target for entry in listing.entries if entry.kind == "link"}


def folders(listing: Listing) -> list[str]:
    return [entry.path for entry in listing.entries if entry.kind == "folder"]


def test_what_everybody_leaves_out_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "train.py": "",
            ".git/config": "",
            "__pycache__/train.cpython-311.pyc": "",
            "old.pyc": "",
            "node_modules/left-pad/index.js": "",
            ".sweepwright/code/1f.tar": "",
            "environment/pyvenv.cfg": "",
            "environment/bin/python": "",
            "conda/conda-meta/history": "",
            "downloads/CACHEDIR.TAG": "",
            "venv/not_an_environment.py": "",
            "package/__init__.py": "",
        },
    )
    listing = scan(tmp_path)

    assert sent(listing) == ["package/__init__.py", "train.py", "venv/not_an_environment.py"]
    assert listing.left_out["environment"] == "it is a virtual environment"
    assert listing.left_out["old.pyc"] == "a built-in rule, `*.pyc` leaves it out"


def test_sweeps_are_left_out_wherever_they_lie(tmp_path: Path) -> None:
    """Otherwise the first sweep would change what is sent, or send journals."""
    write(tmp_path, {"train.py": "", "runs/notes.txt": ""})
    before = scan(tmp_path).entries
    for sweep in ("sweeps/digits", "runs/digits", "digits"):
        write(tmp_path, {f"{sweep}/{JOURNAL}": "", f"{sweep}/trials/0/1/main-0.stdout": ""})

    assert JOURNAL == ignore_rules.JOURNAL
    assert scan(tmp_path).entries == before


def test_an_excluded_folder_is_left_out_even_if_a_rule_includes_it(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": "", "store/catalog": "", ".sweepignore": "!/store\n"})
    (tmp_path / "link").symlink_to(tmp_path / "store")

    assert sent(scan(tmp_path, [tmp_path / "link"])) == [".sweepignore", "train.py"]


def test_an_excluded_folder_around_the_code_leaves_nothing_out(tmp_path: Path) -> None:
    write(tmp_path, {"code/train.py": ""})

    assert sent(scan(tmp_path / "code", [tmp_path, tmp_path / "code"])) == ["train.py"]


def test_rules_above_the_folder_hold_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "train.py\n",
            "top/.git/info/exclude": "*.log\n",
            "top/.gitignore": "/project/code/data\nnotes\n",
            "top/.sweepignore": "*.ipynb\n",
            "top/project/.gitignore": "!notes\n",
            "top/project/code/train.py": "",
            "top/project/code/a.log": "",
            "top/project/code/a.ipynb": "",
            "top/project/code/data/1.csv": "",
            "top/project/code/notes": "",
        },
    )
    listing = scan(tmp_path / "top/project/code")

    assert sent(listing) == ["notes", "train.py"]
    assert listing.left_out["data"] == (
        "line 1 of `../../.gitignore`, `/project/code/data` leaves it out"
    )
    assert listing.left_out["a.log"] == "line 1 of `.git/info/exclude`, `*.log` leaves it out"


def test_a_worktree_has_the_exclude_file_of_its_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main/.git/info/exclude": "*.log\n",
            "main/.git/worktrees/other/commondir": "../..\n",
            "other/.git": f"gitdir: {tmp_path}/main/.git/worktrees/other\n",
            "other/a.log": "",
            "other/train.py": "",
        },
    )

    assert sent(scan(tmp_path / "other")) == ["train.py"]


def test_sweepignore_has_the_last_word(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.csv\ndata/\n",
            ".sweepignore": "!small.csv\n*.ipynb\n!/data\n!/__pycache__\n",
            "large.csv": "",
            "small.csv": "",
            "a.ipynb": "",
            "data/1": "",
            "data/1.csv": "",
            "__pycache__/a": "",
        },
    )

    assert sent(scan(tmp_path)) == [
        *(".gitignore", ".sweepignore", "__pycache__/a", "data/1", "small.csv")
    ]


def test_a_wildcard_includes_nothing_that_is_built_in(tmp_path: Path) -> None:
    rules = "*\n!*/\n!*.py\n!*.pyc\n"
    files: dict[str, str | bytes] = {
        ".sweepignore": rules,
        ".git/hook.py": "",
        "a.pyc": "",
        "src/a.py": "",
    }
    write(tmp_path, files)

    assert sent(scan(tmp_path)) == ["src/a.py"]


def test_links_inside_stay_links_and_lead_to_the_same_file(tmp_path: Path) -> None:
    write(tmp_path, {"code/data/small.csv": "", "code/src/train.py": ""})
    code = tmp_path / "code"
    (code / "src/absolute").symlink_to(code / "data/small.csv")
    (code / "src/relative").symlink_to("../data")
    (code / "src/around").symlink_to("../../code/data/small.csv")
    (tmp_path / "alias").symlink_to("code")

    assert links(scan(tmp_path / "alias")) == {
        "src/absolute": "../data/small.csv",
        "src/relative": "../data",
        "src/around": "../data/small.csv",
    }


def test_of_links_that_lead_out_the_content_is_sent(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "common/shared.py": "",
            "common/.gitignore": "*.log\n",
            "common/a.log": "",
            "one.py": "",
            "code/train.py": "",
            "data/1.csv": "",
            "code/.gitignore": "data/\n",
        },
    )
    for name, target in (("lib", "../common"), ("one.py", "../one.py"), ("data", "../data")):
        (tmp_path / "code" / name).symlink_to(target)
    (tmp_path / "common/back").symlink_to(tmp_path / "code/train.py")
    listing = scan(tmp_path / "code")

    assert sent(listing) == [
        *(".gitignore", "lib/.gitignore", "lib/shared.py", "one.py", "train.py")
    ]
    assert links(listing) == {"lib/back": "../train.py"}
    assert "data" in listing.left_out


def test_loops_and_links_to_nothing_are_skipped_and_named(tmp_path: Path) -> None:
    write(tmp_path, {"code/train.py": "", "common/a.py": "", "code/sub/b.py": ""})
    targets = {
        "code/itself": "itself",
        "code/nothing": "absent",
        "code/sub/top": "..",
        "code/lib": "../common",
        "common/loop": ".",
    }
    for name, target in targets.items():
        (tmp_path / name).symlink_to(target)
    listing = scan(tmp_path / "code")

    assert sent(listing) == ["lib/a.py", "sub/b.py", "train.py"]
    assert listing.skipped == {
        "itself": "is a link to itself",
        "nothing": "is a link to nothing",
        "sub/top": "is a link to a folder around it",
        "lib/loop": "is a link to a folder around it",
    }


def test_sockets_and_pipes_are_skipped_and_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listing = scan(tmp_path)

    assert listing.entries == ()
    assert listing.skipped == {"pipe": "is a named pipe", "socket": "is a socket"}


def test_what_cannot_be_read_is_a_fault_with_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a": "", "b/c": "", "d": ""})
    read = os.open

    def refuse(path: str, flags: int) -> int:  # root may read everything
        if path.endswith(("/a", "/c")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return read(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    listing = scan(tmp_path)

    assert sent(listing) == ["d"]
    assert listing.faults == {"a": "Permission denied", "b/c": "Permission denied"}


def test_empty_folders_arrive_and_names_are_in_the_order_of_bytes(tmp_path: Path) -> None:
    write(tmp_path, {"b": "", "A": "", "é": "", "a/x": "", "a-b": ""})
    (tmp_path / "logs").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).touch()
    listing = scan(tmp_path)

    assert sent(listing) == ["A", "a-b", "a/x", "b", "é", "\udcff"]
    assert folders(listing) == ["a", "logs"]


def test_a_folder_deeper_than_calls_may_be_nested_is_listed(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * 150)).mkdir(parents=True)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        listing = scan(tmp_path)
    finally:
        sys.setrecursionlimit(limit)

    assert len(listing.entries) == 150


SECRETS = [
    *(".env", ".env.local", "prod.env", ".envrc", "server.pem", "tls.key", "id_rsa", "id_ed25519"),
    *("id_work", "id_rsa_old", "id_rsa.bak", ".netrc", ".pypirc", ".npmrc", ".git-credentials"),
    *(".aws/config", ".ssh/known_hosts", ".kube/config", ".docker/config.json", ".gnupg/x"),
    *("application_default_credentials.json", "service-account-1.json", "credentials.json"),
    *(
        ".flaskenv",
        "AuthKey_A1.p8",
        "a.jks",
        "a.ppk",
        "secring.gpg",
        "wallet.dat",
        ".authinfo.gpg",
    ),
    *(".msmtprc", ".smbcredentials", "pip.conf", ".yarnrc.yml", "auth.json", ".my.cnf", ".pgpass"),
    *("pgpass.conf", ".mylogin.cnf", ".dockercfg", "kubeconfig", "lab.kubeconfig", ".boto"),
    *(".s3cfg", ".passwd-s3fs", "rclone.conf", ".databrickscfg", "clouds.yaml", "lab-openrc.sh"),
    *(".vault-token", ".vault_pass.txt", ".terraformrc", "credentials.tfrc.json"),
    *("terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars", "client_secret_1.json"),
    *("gcp-service-account.json", "token.json", "secrets.toml", ".secrets.toml", "secret.yaml"),
    *("wandb-api-key", "hf_token", "openai_api_key", ".comet.config", "clearml.conf"),
    *(
        ".modal.toml",
        ".sentryclirc",
        "google-services.json",
        "cookies.sqlite",
        ".cargo/credentials",
    ),
    *(
        ".password-store/a.gpg",
        ".dbt/profiles.yml",
        ".m2/settings.xml",
        "huggingface/token",
    ),
    *(".config/gh/hosts.yml", ".config/rclone/x", ".bundle/config", ".streamlit/secrets.toml"),
    *("keys.kdbx", "a.p12", "a.pfx", ".htpasswd", "SERVER.PEM", ".config/gcloud/a", "kaggle.json"),
]
HARMLESS = [
    *(".env.example", ".env.sample", ".env.template", "id_rsa.pub", "id_mapping.py", "env.py"),
    *("keys.py", "docker/config.json", "environment.yml", "identity", "secrets.py", "model.keys"),
    *("tokenizer.json", "token.py", "settings.xml", "auth.py", "service_account.py", "vault.py"),
    *("bundle/config", "api_keys.md", "profiles.yml", "terraform.tf", "pipeline.conf"),
]


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_withheld_by_their_names(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "x", "deep/er/" + name: "x"})
    listing = scan(tmp_path)
    withheld = [secret.path for secret in listing.withheld]

    assert sent(listing) == []
    assert len(withheld) == 2
    assert all(f"{name}/".startswith(path.removeprefix("deep/er/")) for path in withheld)


@pytest.mark.parametrize("name", HARMLESS)
def test_files_of_similar_names_are_sent(tmp_path: Path, name: str) -> None:
    assert sent(scan(write(tmp_path, {name: "x"}))) == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deploy", KEY),
        ("notes.txt", b"\xef\xbb\xbf\n" + KEY),
        ("old", b"-----BEGIN RSA PRIVATE KEY-----\n"),
        ("pkcs8", b"-----BEGIN PRIVATE KEY-----\n"),
        ("gpg.asc", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
        ("putty", b"PuTTY-User-Key-File-3: ssh-ed25519\n"),
        ("robot.json", b'{"type": "service_account", "private_key": "' + KEY + b'"}'),
    ],
)
def test_keys_are_withheld_whatever_their_names(tmp_path: Path, name: str, content: bytes) -> None:
    listing = scan(write(tmp_path, {name: content, "check.py": b'HEADER = """' + KEY + b'"""'}))

    assert sent(listing) == ["check.py"]
    assert [secret.path for secret in listing.withheld] == [name]


def test_a_link_to_a_secret_elsewhere_is_withheld(tmp_path: Path) -> None:
    write(tmp_path, {"home/.ssh/config": "", "home/.netrc": "", "home/x": KEY, "code/a.py": ""})
    for name, target in (("login", ".netrc"), ("ssh", ".ssh"), ("key", "x")):
        (tmp_path / "code" / name).symlink_to(tmp_path / "home" / target)
    listing = scan(tmp_path / "code")

    assert sent(listing) == ["a.py"]
    assert [secret.path for secret in listing.withheld] == ["key", "login", "ssh"]


def test_an_ignored_secret_is_still_named_as_withheld(tmp_path: Path) -> None:
    listing = scan(write(tmp_path, {".gitignore": ".env\n", ".env": ""}))

    assert [secret.path for secret in listing.withheld] == [".env"]


def test_only_a_line_that_names_a_secret_permits_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "!/.env\n",
            ".sweepignore": "!*\n!**/*.pem\n!deploy/\n!deploy/test.pem\n!odd\\[1\\].key\n!plain\n",
            ".env": "",
            "a.pem": "",
            "deploy/a.pem": "",
            "deploy/test.pem": KEY,
            "odd[1].key": "",
            "plain": KEY,
        },
    )
    listing = scan(tmp_path)

    assert [secret.path for secret in listing.withheld] == [".env", "a.pem", "deploy/a.pem"]
    permitted = ["deploy/test.pem", "odd[1].key", "plain"]
    assert [secret.path for secret in listing.permitted] == permitted
    assert set(permitted) < set(sent(listing))
    assert [s.path for s in listing.shipment(["lab"]).permitted] == permitted
