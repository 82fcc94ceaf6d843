"""Which files hold secrets: keys, passwords and tokens. They are not sent to other machines.

A file is recognised by its name, or by a private key at its beginning. No such file is sent by
accident: only a line of ``.sweepignore`` that names the file without wildcards, such as
``!deploy/test.pem``, has it sent.
"""

import re
from fnmatch import translate

HEAD_BYTES = 4096
"""Number of bytes at the beginning of a file that `secret_content` looks at."""

_NAMES = """
.env *.env .env.* .envrc .flaskenv
*.pem *.key *.p8 *.p12 *.pfx *.jks *.keystore *.ppk *.kdbx *.kdb secring.gpg wallet.dat
.netrc .netrc.* _netrc .authinfo .authinfo.* .msmtprc .fetchmailrc .smbcredentials
.pypirc pip.conf .npmrc .yarnrc .yarnrc.yml auth.json settings-security.xml
.pgpass pgpass.conf .pg_service.conf .my.cnf .mylogin.cnf .htpasswd
.git-credentials .gitconfig .dockercfg .dockerconfigjson kubeconfig *.kubeconfig
.boto .s3cfg .passwd-s3fs .rclone.conf rclone.conf .databrickscfg clouds.yaml *openrc.sh
.vault-token .vault_pass* .vault-pass* vault_pass* .terraformrc terraform.rc *.tfrc.json
*.tfstate *.tfstate.* *.tfvars
credentials credentials.json credentials.toml application_default_credentials.json
*service-account*.json *service_account*.json serviceaccount*.json client_secret*.json
token.json token.pickle .secrets .secrets.* secret.json secret.yaml secret.yml
secrets.json secrets.toml secrets.yaml secrets.yml secrets.ini
kaggle.json wandb-api-key .hf_token hf_token *_api_key .comet.config clearml.conf .clearml.conf
.modal.toml .sentryclirc google-services.json cookies.sqlite
"""
_NAME = re.compile("|".join(map(translate, _NAMES.split())))
_EXAMPLES = (".example", ".sample", ".template", ".dist", ".pub", ".enc")
"""Endings of files that hold no secret, whatever their name: examples, public and encrypted
keys."""
_FOLDERS = {
    *(".aws", ".ssh", ".kube", ".gnupg", ".azure", ".gcloud", ".oci", ".kaggle"),
    *(".password-store", ".snowsql", ".snowflake", ".dbt", ".openstack", ".ngc", ".runpod"),
}
_PATHS = (
    *(".docker/config.json", ".m2/settings.xml", ".bundle/config", "huggingface/token"),
    *(".huggingface/token", ".config/gcloud", ".config/gh", ".config/hub", ".config/glab-cli"),
    *(".config/rclone", ".mc/config.json"),
)
# `ssh-keygen` proposes the names id_rsa and id_ed25519, and people append to them. With another
# ending, such as `id_mapping.py`, the file is no key.
_SSH_KEY = re.compile(r"id_(?:[^.]*|(?:rsa|dsa|ecdsa|ed25519|xmss)(?:[_.-].*)?)")
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_FILE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:" + _PRIVATE_KEY.pattern + rb"|PuTTY-User-Key-File-\d)"
)


def secret_name(path: str, *, is_folder: bool = False) -> str | None:
    """Say why a path is that of a secret; return None if it is not.

    Case does not matter. Everything in a secret folder is secret.
    """
    path = path.lower()
    name = path.rpartition("/")[2]
    kind = "folder" if is_folder else "file"
    at_place = any(path == known or path.endswith(f"/{known}") for known in _PATHS)
    named = name in _FOLDERS if is_folder else _names_a_secret(name)
    return f"a {kind} of this name holds secrets" if at_place or named else None


def _names_a_secret(name: str) -> bool:
    if name.endswith(_EXAMPLES):
        return False
    return bool(_NAME.match(name) or _SSH_KEY.fullmatch(name))


def secret_content(name: str, head: bytes) -> str | None:
    """Say why the first bytes of a file are those of a secret; return None if they are not."""
    if _KEY_FILE.match(head):
        return "it begins as a private key does"
    # The key files of cloud services are JSON.
    if name.lower().endswith(".json") and _PRIVATE_KEY.search(head):
        return "it contains a private key"
    return None
