"""An account file survives the way into the emulator and back."""

import pytest
from botocore.exceptions import ClientError

from ..account import complete

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}'
FILE = {
    "account": "111122223333",
    "now": "2026-01-31T12:00:00Z",
    "users": [
        {
            "name": "ann", "path": "/staff/", "created": "2020-05-01T08:00:00Z", "tags": {"team": "core"},
            "groups": ["staff"], "inlinePolicies": [{"name": "own", "document": READ}],
            "attachedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/app/own"],
            "boundary": "arn:aws:iam::111122223333:policy/app/read",
            "loginProfile": {"created": "2020-05-02T08:00:00Z"}, "passwordLastUsed": "2025-12-24T18:00:00Z",
            "mfaDevices": ["arn:aws:iam::111122223333:mfa/ann", "GAHT12345678"],
            "accessKeys": [
                {"id": "AKIAIOSFODNN7EXAMPLE", "status": "Active", "created": "2021-01-01T00:00:00Z",
                 "lastUsed": {"at": "2025-06-01T10:00:00Z", "service": "s3", "region": "eu-west-1"}},
                {"status": "Inactive", "created": "2019-01-01T00:00:00Z", "lastUsed": None},
                {"status": "Active", "created": "2018-01-01T00:00:00Z"},
            ],
        },
        {"name": "bob", "created": "2026-01-30T12:00:00Z", "loginProfile": {}, "accessKeys": [{}],
         "attachedPolicies": ["arn:aws:iam::111122223333:policy/app/unlisted"]},
        {"name": "cy"},
    ],
    "roles": [{"name": "bare", "tags": {"team": "core"}}, {"name": "deployer", "path": "/ci/", "created": "2020-01-01T00:00:00Z", "trust": TRUST,
               "inlinePolicies": [{"name": "own", "document": READ}],
               "boundary": "arn:aws:iam::111122223333:policy/app/unlisted"}],
    "groups": [{"name": "staff", "path": "/teams/", "attachedPolicies": ["arn:aws:iam::aws:policy/IAMReadOnlyAccess"]}],
    "policies": [{"name": "read", "path": "/app/", "document": {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]}}],
}


def test_an_untouched_account_dumps_as_its_file(load_account):
    loaded = load_account(FILE)
    assert loaded.dump() == loaded.file


def test_a_completed_file_is_complete_already():
    assert complete(complete(FILE)) == complete(FILE)


def test_a_change_shows_in_the_dump_and_nothing_else(emulator, account, load_account):
    loaded = load_account(FILE)
    iam = emulator.client("iam", account)
    iam.update_access_key(UserName="ann", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Inactive")
    expected = loaded.file
    key = next(key for key in expected["users"][0]["accessKeys"] if key["id"] == "AKIAIOSFODNN7EXAMPLE")
    key["status"] = "Inactive"
    assert loaded.dump() == expected


def test_ages_are_kept_against_the_real_clock(emulator, account, load_account):
    loaded = load_account(FILE)
    created = emulator.client("iam", account).get_user(UserName="bob")["User"]["CreateDate"]
    age = created.now(created.tzinfo) - created
    assert 86_400 <= age.total_seconds() < 86_500
    assert loaded.unique_id("bob").startswith("AIDA")


def test_a_loaded_user_can_act_with_their_own_keys(load_account):
    loaded = load_account(FILE)
    assert len(loaded.client_of("iam", "ann").list_users()["Users"]) == 3
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        loaded.client_of("iam", "ann", key=1).list_users()
