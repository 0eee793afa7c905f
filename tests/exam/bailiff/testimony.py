"""What Bailiff says, as claims: its journal, what it told AWS Config, its dead letters, its answers to people."""

from end_to_end import journal

from ..ending import Claim

KINDS = {"user": "users", "role": "roles", "group": "groups", "policy": "policies"}
SAYS = {
    "planned": "planned", "verified": "done", "failed": "failed", "refused": "refused", "unknown": "unknown",
    # Nobody has ended it yet, so nothing is claimed to be known.
    "open": "unknown"}
COMPLIANCE = {"COMPLIANT": "in order", "NON_COMPLIANT": "wrong"}


def of_entry(entry: dict) -> Claim:
    return Claim(about_resource(entry["plan"]["resource"]), SAYS[entry["status"]], words(entry), journal.steps(entry))


def about_resource(resource: dict) -> str:
    kind = KINDS.get(resource.get("type"))
    return f"{kind}/{resource['name']}" if kind else "account"


def words(entry: dict) -> str:
    """All that an entry gives as its reasons, and what it leaves to people."""
    said = [entry["cause"].get("annotation", ""), str(entry.get("refusal", ""))]
    said += [str(outcome) for outcome in entry["outcomes"]]
    said += [str(left) for name in ("left", "lost") for left in entry["plan"].get(name, []) + entry.get(name, [])]
    said += [" ".join(str(value) for value in step.values()) for step in entry["plan"]["steps"]]
    return "; ".join(part for part in said if part)


def of_evaluation(resource_id: str, compliance: str, annotation: str, resources: dict[str, str]) -> Claim | None:
    says = COMPLIANCE.get(compliance)
    return says and Claim(resources.get(resource_id, "account"), says, annotation)


def of_dead_letter(why: str) -> Claim:
    return Claim("events", "rejected", why)


def resources(file: dict) -> dict[str, str]:
    """What things of an account file are called here, by unique id."""
    return {thing["id"]: f"{kind}/{thing['name']}" for kind in KINDS.values() for thing in file[kind]}
