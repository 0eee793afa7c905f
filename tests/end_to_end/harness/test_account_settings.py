"""What is the account's own answers as AWS does."""

import pytest
from botocore.exceptions import ClientError


def test_the_root_user_has_a_password_and_mfa_whatever_users_have(emulator, account):
    summary = emulator.client("iam", account).get_account_summary()["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["AccountPasswordPresent"]) == (1, 1)
    assert summary["AccountAccessKeysPresent"] == 0


def test_a_password_policy_forgets_what_a_request_leaves_out(emulator, account):
    iam = emulator.client("iam", account)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_account_password_policy()
    iam.update_account_password_policy(MinimumPasswordLength=20, PasswordReusePrevention=24, RequireSymbols=True)
    iam.update_account_password_policy(MinimumPasswordLength=14)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 14
    assert not policy["RequireSymbols"] and "PasswordReusePrevention" not in policy


def test_providers_show_their_tags(emulator, account):
    iam = emulator.client("iam", account)
    tags = [{"Key": "owner", "Value": "ann"}]
    arn = iam.create_saml_provider(Name="office", SAMLMetadataDocument="<x/>" * 300, Tags=tags)["SAMLProviderArn"]
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == tags
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_analyzers_and_the_contact_for_security_are_those_that_were_seeded(emulator, account):
    analyzers, contacts = emulator.client("accessanalyzer", account), emulator.client("account", account)
    assert analyzers.list_analyzers()["analyzers"] == []
    with pytest.raises(contacts.exceptions.ResourceNotFoundException):
        contacts.get_alternate_contact(AlternateContactType="SECURITY")
    analyzer = {
        "name": "all", "type": "ACCOUNT", "status": "ACTIVE", "createdAt": "2020-01-01T00:00:00Z",
        "arn": f"arn:aws:access-analyzer:us-east-1:{account}:analyzer/all"}
    emulator.seed(account, analyzers=[analyzer], securityContact={"Name": "Ann", "AlternateContactType": "SECURITY"})
    assert [each["status"] for each in analyzers.list_analyzers()["analyzers"]] == ["ACTIVE"]
    assert contacts.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Name"] == "Ann"


def test_who_may_not_ask_is_refused(emulator, account):
    iam = emulator.client("iam", account)
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    own = emulator.client_with("accessanalyzer", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(ClientError, match="AccessDenied"):
        own.list_analyzers()
