"""What a sweep reads beside users, roles, groups and policies."""

import json

from . import principals
from .binaries import REPOSITORY
from .governance_file import in_mode
from .two_worlds import deliver

SWEEP = REPOSITORY / "events" / "evaluate-account" / "reconcile.json"


def test_a_sweep_judges_the_account_its_providers_and_what_roles_use(bailiff, load_account, emulator, config, account):
    stack = bailiff(in_mode("audit", "role-unused-services", parameters={"judgedRoles": ["deployer"]}))
    load_account(principals.of(roles=({"name": "deployer"},)))
    iam = emulator.client("iam", account)
    iam.create_saml_provider(Name="office", SAMLMetadataDocument="<x/>" * 300)
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ThumbprintList=["0" * 40])
    iam.upload_server_certificate(ServerCertificateName="edge", CertificateBody="PEM", PrivateKey="PEM")
    iam.update_account_password_policy(MinimumPasswordLength=8)
    emulator.seed(account, securityContact={"Name": "Ann", "AlternateContactType": "SECURITY"})
    answer = deliver(json.loads(SWEEP.read_text()), "111122223333", stack, config)
    assert answer.error is None, answer.payload
    log = stack.log("evaluate-account")
    for rule in (
            "identity-provider-tags", "server-certificate-tags", "access-analyzer-off", "password-policy"):
        assert any(f'"rule":"{rule}"' in line and '"non-compliant"' in line for line in log.splitlines()), rule
    assert '"verdict":"unknown"' not in log
