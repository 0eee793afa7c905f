"""What AWS Config tells of a user in the emulator: the invoking event of a rule, built from the state as it is."""

from datetime import datetime, timezone
from urllib.parse import quote

from .account import Loaded, read


def changed(people: Loaded, user: str, **item) -> dict:
    """A ConfigurationItemChangeNotification; `item` overwrites fields of the item."""
    return notification("ConfigurationItemChangeNotification", {
        "configurationItemDiff": None, "configurationItem": item_of(people, user) | item})


def oversized(people: Loaded, user: str, captured: str) -> dict:
    summary = {name: value for name, value in item_of(people, user, captured).items() if name != "configuration"}
    return notification("OversizedConfigurationItemChangeNotification", {
        "configurationItemSummary": summary | {"changeType": "UPDATE"}})


def deleted(people: Loaded, user: str, unique_id: str) -> dict:
    item = envelope(people.account, user, unique_id, now()) | {
        "configurationItemStatus": "ResourceDeleted", "configuration": None, "resourceName": None}
    return notification("ConfigurationItemChangeNotification", {
        "configurationItemDiff": None, "configurationItem": item})


def scheduled(account: str) -> dict:
    return {
        "awsAccountId": account, "notificationCreationTime": now(), "messageType": "ScheduledNotification",
        "recordVersion": "1.0"}


def item_of(people: Loaded, user: str, captured: str | None = None) -> dict:
    """The user's configuration item as the account stands now."""
    state = next(one for one in read(people.emulator, people.account)["users"] if one["name"] == user)
    return item(people.account, state, captured or now())


def item(account: str, state: dict, captured: str) -> dict:
    """The configuration item of a user in this state, as an account file has it."""
    user, path = state["name"], state["path"]
    return envelope(account, user, state["id"], captured, path) | {"configuration": {
        "path": path, "userName": user, "userId": state["id"], "arn": arn_in(account, user, path),
        "createDate": state["created"],
        "userPolicyList": [
            {"policyName": policy["name"], "policyDocument": quote(policy["document"], safe="")}
            for policy in state["inlinePolicies"]],
        "groupList": state["groups"],
        "attachedManagedPolicies": [
            {"policyName": policy.rsplit("/", 1)[-1], "policyArn": policy} for policy in state["attachedPolicies"]],
        "permissionsBoundary": state["boundary"] and {
            "permissionsBoundaryArn": state["boundary"], "permissionsBoundaryType": "PermissionsBoundaryPolicy"},
        "tags": [{"key": key, "value": value} for key, value in state["tags"].items()]}}


def envelope(account: str, user: str, unique_id: str, captured: str, path: str = "/") -> dict:
    return {
        "relatedEvents": [], "relationships": [], "supplementaryConfiguration": {}, "tags": {},
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": captured,
        "configurationStateId": int(datetime.fromisoformat(captured).timestamp() * 1000),
        "awsAccountId": account, "configurationItemStatus": "OK", "resourceType": "AWS::IAM::User",
        "resourceId": unique_id, "resourceName": user, "ARN": arn_in(account, user, path), "awsRegion": "global",
        "availabilityZone": "Not Applicable", "configurationStateMd5Hash": "", "resourceCreationTime": None}


def notification(kind: str, content: dict) -> dict:
    return content | {
        "notificationCreationTime": now(), "messageType": kind, "recordVersion": "1.3"}


def arn(people: Loaded, user: str, path: str = "/") -> str:
    return arn_in(people.account, user, path)


def arn_in(account: str, user: str, path: str) -> str:
    return f"arn:aws:iam::{account}:user{path}{user}"


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
