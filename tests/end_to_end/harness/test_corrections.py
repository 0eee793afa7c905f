"""IAM answers as AWS does where ministack alone would not."""

import csv
import io
import json

import pytest

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def iam(emulator, account):
    iam = emulator.client("iam", account)
    iam.create_user(UserName="ann")
    return iam


def test_the_keys_of_a_missing_user_are_not_an_empty_list(iam):
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.list_access_keys(UserName="nobody")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.list_mfa_devices(UserName="nobody")


def test_a_policy_that_does_not_exist_is_not_attached(iam, account):
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.attach_user_policy(UserName="ann", PolicyArn=f"arn:aws:iam::{account}:policy/gone")
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def test_a_user_moves_to_another_path_and_stays_who_it_is(iam, account):
    before = iam.get_user(UserName="ann")["User"]
    iam.update_user(UserName="ann", NewPath="/emergency/")
    after = iam.get_user(UserName="ann")["User"]
    assert (after["Path"], after["Arn"]) == ("/emergency/", f"arn:aws:iam::{account}:user/emergency/ann")
    assert after["UserId"] == before["UserId"]


def test_seeds_dates_and_last_uses(emulator, account, iam):
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    emulator.seed(
        account,
        users={"ann": {"CreateDate": "2020-01-01T00:00:00Z", "PasswordLastUsed": "2021-02-03T04:05:06Z"}},
        accessKeys={key: {"CreateDate": "2020-01-02T00:00:00Z", "LastUsed": {
            "LastUsedDate": "2022-01-01T00:00:00Z", "ServiceName": "s3", "Region": "us-east-1"}}})
    user = iam.get_user(UserName="ann")["User"]
    assert (user["CreateDate"].year, user["PasswordLastUsed"].minute) == (2020, 5)
    used = iam.get_access_key_last_used(AccessKeyId=key)
    assert used["UserName"] == "ann"
    assert used["AccessKeyLastUsed"]["LastUsedDate"].year == 2022
    assert iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["CreateDate"].year == 2020


def test_refuses_a_seed_it_does_not_understand(emulator, account, iam):
    with pytest.raises(ValueError, match="Born"):
        emulator.seed(account, users={"ann": {"Born": "2020-01-01T00:00:00Z"}})
    with pytest.raises(ValueError, match="no time"):
        emulator.seed(account, users={"ann": {"CreateDate": "yesterday"}})


def test_the_credential_report_is_started_first_and_holds_what_was_seeded(emulator, account, iam):
    iam.create_login_profile(UserName="ann", Password="Correct-horse-1")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    emulator.seed(
        account, mfaDevices={"GAHT1": {"User": "ann", "EnableDate": "2020-01-01T00:00:00Z"}},
        users={"ann": {"PasswordLastUsed": "2021-02-03T04:05:06Z"}},
        accessKeys={key: {"CreateDate": "2020-01-02T00:00:00Z"}})
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()["Content"].decode()
    root, ann = csv.DictReader(io.StringIO(report))
    assert root["user"] == "<root_account>"
    assert ann["password_last_used"] == "2021-02-03T04:05:06+00:00"
    assert (ann["password_enabled"], ann["mfa_active"], ann["access_key_1_active"]) == ("true", "true", "true")
    assert ann["access_key_1_last_used_date"] == "N/A"
    assert ann["access_key_2_active"] == "false"


def test_a_status_change_resets_last_rotated_but_not_the_creation_date(emulator, account, iam):
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    emulator.seed(account, accessKeys={key: {"CreateDate": "2020-01-02T00:00:00Z"}})
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    iam.generate_credential_report()
    report = csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode()))
    assert not list(report)[1]["access_key_1_last_rotated"].startswith("2020")
    assert iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["CreateDate"].year == 2020


def test_account_details_come_in_pages_with_boundaries_and_documents(emulator, account, iam):
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=POLICY)
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    for name in "bcdef":
        iam.create_user(UserName=name)
    emulator.page_size(account, 3)
    pages = list(iam.get_paginator("get_account_authorization_details").paginate())
    assert [sum(len(page[kind]) for kind in ("UserDetailList", "GroupDetailList", "Policies")) for page in pages] == [
        3, 3, 2]
    ann = pages[0]["UserDetailList"][0]
    assert ann["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert ann["GroupList"] == ["staff"]
    assert ann["UserPolicyList"][0]["PolicyDocument"] == json.loads(POLICY)
    assert pages[2]["Policies"][0]["PermissionsBoundaryUsageCount"] == 1
    only_users = iam.get_account_authorization_details(Filter=["User"])
    assert only_users["IsTruncated"] and not only_users["Policies"]


def test_every_list_can_be_made_to_come_in_pages(emulator, account, iam):
    for number in range(5):
        iam.put_user_policy(UserName="ann", PolicyName=f"p{number}", PolicyDocument=POLICY)
    emulator.page_size(account, 2)
    pages = list(iam.get_paginator("list_user_policies").paginate(UserName="ann"))
    assert [page["PolicyNames"] for page in pages] == [["p0", "p1"], ["p2", "p3"], ["p4"]]


def test_keeps_the_quotas_that_decide_how_a_principal_is_suspended(iam):
    for number in range(10):
        iam.attach_user_policy(UserName="ann", PolicyArn=f"arn:aws:iam::aws:policy/Example{number}")
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/OneMore")
    padded = POLICY[:-1] + " " * 3000 + "}"
    iam.put_user_policy(UserName="ann", PolicyName="white", PolicyDocument=padded)
    long = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "x" * 2000}]})
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.put_user_policy(UserName="ann", PolicyName="long", PolicyDocument=long)


def test_a_user_who_still_has_something_cannot_be_deleted(iam):
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=POLICY)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_user(UserName="ann")
    iam.delete_user_policy(UserName="ann", PolicyName="own")
    before = iam.get_user(UserName="ann")["User"]["UserId"]
    iam.delete_user(UserName="ann")
    iam.create_user(UserName="ann")
    assert iam.get_user(UserName="ann")["User"]["UserId"] != before
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []


def test_policy_documents_travel_percent_encoded_and_keep_their_text(emulator, account, load_account):
    strange = '{ "Version":"2012-10-17",\n "Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"a+b c%20d/é"}]}'
    loaded = load_account({
        "account": "111122223333", "now": "2026-01-01T00:00:00Z",
        "users": [{"name": "eve", "created": "2025-01-01T00:00:00Z",
                   "inlinePolicies": [{"name": "strange", "document": strange}]}]})
    assert loaded.dump()["users"][0]["inlinePolicies"][0]["document"] == strange
