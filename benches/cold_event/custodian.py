"""Cloud Custodian, installed as published and given policies that ask what Bailiff's rule asks."""

import hashlib
import json
import shutil
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

from function import Function

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Variant:
    name: str
    folder: str
    filter_of_policy: dict
    # Its archive holds sources only, and Lambda mounts a function's folder read-only: every cold start compiles.
    keeps_bytecode: bool


VARIANTS = (
    # The filter its documentation has for the purpose, which asks IAM, in the archive that its deployment uploads.
    Variant("as it deploys itself", "custodian-as-deployed",
            {"type": "has-inline-policy", "value": True}, keeps_bytecode=False),
    # The least work it can be asked for: compiled beforehand, and the answer taken from the event.
    Variant("at its leanest", "custodian-at-its-leanest",
            {"type": "value", "key": "UserPolicyList", "value_type": "size", "op": "gt", "value": 0},
            keeps_bytecode=True),
)


def install(environment: Path) -> Path:
    """Its interpreter, in a virtual environment of its own, made anew when the requirements change."""
    requirements = HERE / "requirements.txt"
    python, stamp = environment / "bin" / "python", environment / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(environment, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
            check=True)
        stamp.write_text(wanted)
    return python


def deploy(python: Path, folder: Path, variant: Variant) -> Function:
    """The function of `variant`, unpacked into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    policy = {
        "name": "user-inline-policy",
        "resource": "iam-user",
        "mode": {"type": "config-rule", "role": "custodian"},
        "filters": [variant.filter_of_policy],
    }
    subprocess.run([python, HERE / "custodian_archive.py", json.dumps(policy), folder],
                   env={"AWS_DEFAULT_REGION": "us-east-1"}, check=True)
    environment = {"LAMBDA_TASK_ROOT": str(folder)}
    if not variant.keeps_bytecode:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return Function(f"Cloud Custodian, {variant.name}", [python, HERE / "custodian_runtime.py"], environment)
