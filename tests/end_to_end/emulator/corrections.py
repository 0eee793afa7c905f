"""Where ministack answers unlike AWS and Bailiff would notice.

ministack looks its IAM operations up in one table at every call; a correction
replaces an entry, or wraps it and looks at the request first.
"""

import re

from ministack.services import iam

from . import (
    authorization_details,
    condition_keys,
    credential_report,
    other_credentials,
    packages,
    paging,
    quotas,
    server_certificates,
    shared_tables,
    xml,
)


def install() -> None:
    condition_keys.install()
    shared_tables.install()
    packages.install()
    show_when_a_password_was_used()
    handlers = iam._IAM_HANDLERS
    handlers["GetAccessKeyLastUsed"] = access_key_last_used
    handlers["GetAccountAuthorizationDetails"] = authorization_details.answer
    handlers["GetCredentialReport"] = credential_report.get
    handlers["GenerateCredentialReport"] = credential_report.generate
    handlers["ListAccessKeys"] = about_an_existing_user(handlers["ListAccessKeys"])
    handlers["ListMFADevices"] = about_an_existing_user(handlers["ListMFADevices"])
    other_credentials.install(handlers, about_an_existing_user)
    server_certificates.install(handlers)
    handlers["SetDefaultPolicyVersion"] = set_default_policy_version
    handlers["UpdateUser"] = update_user
    # What else is the account's own it keeps, but tells of less than AWS.
    handlers["GetAccountSummary"] = with_the_root_user(handlers["GetAccountSummary"])
    handlers["UpdateAccountPasswordPolicy"] = from_scratch(handlers["UpdateAccountPasswordPolicy"])
    for action, store in (
        ("ListSAMLProviderTags", iam._saml_providers),
        ("ListOpenIDConnectProviderTags", iam._oidc_providers),
    ):
        handlers[action] = tags_of(action, store)
    for action in ("AttachUserPolicy", "AttachRolePolicy"):
        handlers[action] = of_an_existing_policy(handlers[action])
    handlers["DeleteUser"] = only_of_a_bare_user(handlers["DeleteUser"])
    handlers["UpdateAccessKey"] = remembering_the_change(handlers["UpdateAccessKey"])
    quotas.install(handlers)
    paging.install(handlers)


def show_when_a_password_was_used() -> None:
    """GetUser and ListUsers carry PasswordLastUsed; ministack's never do."""
    inner = iam._user_xml

    def user_xml(name, boundary=True):
        used = iam._users[name].get("PasswordLastUsed") if name in iam._users else None
        return inner(name, boundary) + xml.element("PasswordLastUsed", used)

    iam._user_xml = user_xml


def access_key_last_used(parameters):
    """ministack's keys were never used; ours say what the seed said."""
    key = iam._access_keys.get(iam._p(parameters, "AccessKeyId"))
    if key is None:
        return no_such_entity(f"The Access Key with id {iam._p(parameters, 'AccessKeyId')} cannot be found.")
    never = {"Region": "N/A", "ServiceName": "N/A"}
    return xml.result("GetAccessKeyLastUsed", {
        "UserName": key["UserName"],
        "AccessKeyLastUsed": key.get("LastUsed") or never,
    })


def about_an_existing_user(inner):
    """ministack answers an empty list for a user that does not exist: the very mistake Bailiff must not make."""
    def handler(parameters):
        name = iam._p(parameters, "UserName")
        if name and name not in iam._users:
            return no_such_entity(f"The user with name {name} cannot be found.")
        return inner(parameters)
    return handler


def with_the_root_user(inner):
    """ministack takes any user's MFA device for one of the root user, and says nothing of its password.

    The root user of a test has a password, a hardware device and no key, as its line in the credential report.
    """
    def handler(parameters):
        status, headers, body = inner(parameters)
        entries = "".join(
            xml.element("entry", {"key": key, "value": 1}) for key in ("AccountMFAEnabled", "AccountPasswordPresent"))
        body = re.sub(
            rb"<entry>\s*<key>(AccountMFAEnabled|AccountPasswordPresent)</key>.*?</entry>", b"", body, flags=re.DOTALL)
        return status, headers, body.replace(b"</SummaryMap>", entries.encode() + b"</SummaryMap>")
    return handler


def set_default_policy_version(parameters):
    """ministack makes versions and deletes them, and cannot go back to one."""
    arn, wanted = iam._p(parameters, "PolicyArn"), iam._p(parameters, "VersionId")
    policy = iam._policies.get(arn)
    if policy is None or wanted not in policy["Versions"]:
        return no_such_entity(f"Policy {arn} version {wanted} does not exist or is not attachable.")
    for version in policy["Versions"].values():
        version["IsDefaultVersion"] = version["VersionId"] == wanted
    policy["DefaultVersionId"] = wanted
    return 200, {"Content-Type": "text/xml"}, (
        b'<SetDefaultPolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"/>')


def update_user(parameters):
    """ministack has no UpdateUser. Of AWS's it moves a user to another path; it gives nobody another name."""
    name, path = iam._p(parameters, "UserName"), iam._p(parameters, "NewPath")
    user = iam._users.get(name)
    if user is None:
        return no_such_entity(f"The user with name {name} cannot be found.")
    user |= {"Path": path, "Arn": f"arn:aws:iam::{iam.get_account_id()}:user{path}{name}"}
    return xml.result("UpdateUser", {})


def from_scratch(inner):
    """AWS resets every option that a request leaves out; ministack keeps it."""
    def handler(parameters):
        iam._account_password_policy.pop("policy", None)
        return inner(parameters)
    return handler


def tags_of(action: str, store):
    """ministack keeps the tags of identity providers and does not list them."""
    def handler(parameters):
        arn = iam._p(parameters, "SAMLProviderArn") or iam._p(parameters, "OpenIDConnectProviderArn")
        provider = store.get(arn)
        if provider is None:
            return no_such_entity(f"Provider {arn} does not exist.")
        return xml.result(action, {"Tags": provider.get("Tags") or [], "IsTruncated": "false"})
    return handler


def of_an_existing_policy(inner):
    """ministack attaches a customer policy that was deleted long ago. AWS's own it makes up as they are needed."""
    def handler(parameters):
        arn = iam._p(parameters, "PolicyArn")
        if arn not in iam._policies and ":iam::aws:policy/" not in arn:
            return no_such_entity(f"Policy {arn} does not exist or is not attachable.")
        return inner(parameters)
    return handler


def only_of_a_bare_user(inner):
    """AWS refuses to delete a user who still has anything.

    ministack would delete, keep the rest, and give it to the next user of that
    name, which breaks every test of a principal that is re-created.
    """
    def handler(parameters):
        name = iam._p(parameters, "UserName")
        left = (
            ("login profile", name in iam._login_profiles),
            ("policies", bool(iam._user_inline_policies.get(name))),
            ("MFA device", any(device.get("User") == name for device in iam._mfa_devices.values())),
            ("groups", any(name in group["Users"] for group in iam._groups.values())),
        )
        for what, remains in left:
            if remains:
                return iam._error(409, "DeleteConflict", f"Cannot delete entity, must delete {what} first.")
        answer = inner(parameters)
        if answer[0] == 200 and name in iam._user_inline_policies:
            del iam._user_inline_policies[name]
        return answer
    return handler


def remembering_the_change(inner):
    """A key's status change resets `last_rotated` in the credential report, not its CreateDate."""
    def handler(parameters):
        answer = inner(parameters)
        if answer[0] == 200:
            iam._access_keys[iam._p(parameters, "AccessKeyId")]["StatusChanged"] = iam._now()
        return answer
    return handler


def no_such_entity(message: str):
    return iam._error(404, "NoSuchEntity", message)
