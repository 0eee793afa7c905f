"""GetAccountAuthorizationDetails as AWS answers it.

ministack leaves out boundaries, usage counts and pages. One marker runs through
users, groups, roles and policies in that order, as AWS's does.
"""

from urllib.parse import quote

from ministack.services import iam

from . import paging, xml

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def answer(parameters):
    filters = {value[0] for key, value in parameters.items() if key.startswith("Filter.member.")}

    def wanted(kind):
        return not filters or kind in filters

    items = []
    if wanted("User"):
        items += [("UserDetailList", user(name, record)) for name, record in iam._users.items()]
    if wanted("Group"):
        items += [("GroupDetailList", group(name, record)) for name, record in iam._groups.items()]
    if wanted("Role"):
        items += [("RoleDetailList", role(name, record)) for name, record in iam._roles.items()]
    if wanted("LocalManagedPolicy"):
        items += [("Policies", policy(arn, record)) for arn, record in iam._policies.items()]
    if wanted("AWSManagedPolicy"):
        items += [("Policies", policy(arn, iam._lookup_policy(arn))) for arn in attached_aws_policies()]
    shown, marker = paging.page(items, parameters)
    answer = {name: [item for kind, item in shown if kind == name] for name in LISTS}
    answer |= {"IsTruncated": marker is not None, "Marker": marker}
    return xml.result("GetAccountAuthorizationDetails", answer)


def user(name: str, record: dict) -> dict:
    return identity(record, "User", iam._user_inline_policies.get(name), "UserPolicyList") | {
        "GroupList": [group["GroupName"] for group in iam._groups.values() if name in group["Users"]],
        "PermissionsBoundary": boundary(record),
        "Tags": record.get("Tags") or [],
    }


def group(name: str, record: dict) -> dict:
    return identity(record, "Group", iam._group_inline_policies.get(name), "GroupPolicyList")


def role(name: str, record: dict) -> dict:
    profiles = [profile for profile in iam._instance_profiles.values() if name in profile["Roles"]]
    return identity(record, "Role", record.get("InlinePolicies"), "RolePolicyList") | {
        "AssumeRolePolicyDocument": encoded(record.get("AssumeRolePolicyDocument") or "{}"),
        "InstanceProfileList": [
            {key: profile[key] for key in
             ("InstanceProfileName", "InstanceProfileId", "Arn", "Path", "CreateDate")} for profile in profiles],
        "PermissionsBoundary": boundary(record),
        "RoleLastUsed": record.get("RoleLastUsed") or {},
        "Tags": record.get("Tags") or [],
    }


def identity(record: dict, kind: str, inline: dict | None, inline_list: str) -> dict:
    return {
        "Path": record["Path"],
        f"{kind}Name": record[f"{kind}Name"],
        f"{kind}Id": record[f"{kind}Id"],
        "Arn": record["Arn"],
        "CreateDate": record["CreateDate"],
        inline_list: [
            {"PolicyName": name, "PolicyDocument": encoded(document)} for name, document in (inline or {}).items()],
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in record.get("AttachedPolicies", [])],
    }


def policy(arn: str, record: dict) -> dict:
    attachments = sum(
        arn in holder.get("AttachedPolicies", [])
        for store in (iam._users, iam._roles, iam._groups) for holder in store.values())
    return {
        "PolicyName": record["PolicyName"],
        "PolicyId": record["PolicyId"],
        "Arn": arn,
        "Path": record.get("Path", "/"),
        "DefaultVersionId": record["DefaultVersionId"],
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": iam._boundary_usage_counts().get(arn, 0),
        "IsAttachable": True,
        "Description": record.get("Description") or None,
        "CreateDate": record["CreateDate"],
        "UpdateDate": record.get("UpdateDate", record["CreateDate"]),
        "PolicyVersionList": [
            {"Document": encoded(version.get("Document") or "{}"), "VersionId": version["VersionId"],
             "IsDefaultVersion": bool(version.get("IsDefaultVersion")),
             "CreateDate": version.get("CreateDate", record["CreateDate"])}
            for version in record.get("Versions", {}).values()],
    }


def attached_aws_policies() -> list[str]:
    return sorted({
        arn for store in (iam._users, iam._roles, iam._groups) for holder in store.values()
        for arn in holder.get("AttachedPolicies", []) if arn.startswith("arn:aws:iam::aws:policy/")
    })


def boundary(record: dict) -> dict | None:
    arn = record.get("PermissionsBoundary")
    if isinstance(arn, dict):
        arn = arn.get("PermissionsBoundaryArn")
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None


def encoded(document: str) -> str:
    """RFC 3986, as IAM encodes documents: a space is %20, never +."""
    return quote(document, safe="")
