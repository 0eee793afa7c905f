"""Whether an ending is what a scenario asks for. The one place that knows; it knows no tool and no world."""

import json
from fnmatch import fnmatchcase

from .ending import Claim, Ending
from .scenario import Scenario, flat

GONE, ANYTHING, NEW = "gone", "anything", "new"


def complaints(scenario: Scenario, ending: Ending) -> list[str]:
    """What is wrong with the ending, in words; nothing if it passes."""
    then = scenario.then
    return [
        *unlike(scenario, ending),
        *written(then.get("writes", {}), ending),
        *(f"it never says of {said(wanted)}" for wanted in then.get("says", [])
          if not any(fits(wanted, claim) for claim in ending.claims)),
        *(f"it says `{claim.says}` of {claim.about}, and must not: {claim.words}"
          for unwanted in then.get("neverSays", []) for claim in ending.claims if fits(unwanted, claim)),
        *(f"nobody was told of {about}" for about in then.get("told", []) if about not in ending.told),
        *(f"{about} can still act: nothing denies it everything" for about in then.get("contained", [])
          if not contained(about, ending)),
        *texts(then.get("texts", {}), scenario, ending),
        *(as_planned(ending) if then.get("actsAsPlanned") else []),
        *(complaint for about, trust in then.get("trusts", {}).items() for complaint in trusting(about, trust, ending)),
    ]


def unlike(scenario: Scenario, ending: Ending) -> list[str]:
    """What changed and must not have, and what had to and did not."""
    found = differences(
        flat(scenario.account(), scenario.labels()), flat(ending.account, scenario.labels()), scenario.then.get("changed", {}))
    if ending.elsewhere is not None:
        found += [f"in the other account {each}" for each in differences(
            flat(scenario.account(elsewhere=True), {}), flat(ending.elsewhere, {}), {})]
    return found


def differences(before: dict, after: dict, wanted: dict) -> list[str]:
    found = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path), after.get(path)
        [expected] = [wanted[pattern] for pattern in wanted if fnmatchcase(path, pattern)][:1] or [was]
        if expected in (ANYTHING, None) and (expected or now is None):
            continue
        if not is_as(expected, was, now):
            found.append(f"{path} is {shown(now)}, not {shown(expected)}")
    for pattern, expected in wanted.items():
        if expected not in (GONE, ANYTHING) and not any(fnmatchcase(path, pattern) for path in before.keys() | after.keys()):
            found.append(f"{pattern} is not there, and should be {shown(expected)}")
    return found


def is_as(expected, was, now) -> bool:
    if expected == GONE:
        return now is None
    if expected == NEW:
        return was is None and now is not None
    return now == expected


def shown(value) -> str:
    if value is None:
        return "gone"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}…"


def written(wanted: dict, ending: Ending) -> list[str]:
    writes = [f"{write.action} on {write.on}" for write in ending.writes]
    found = []
    if len(writes) > wanted.get("atMost", len(writes)):
        found.append(f"{len(writes)} writes, and at most {wanted['atMost']} would do: {', '.join(writes)}")
    never = [write for write in writes for pattern in wanted.get("never", []) if fnmatchcase(write, pattern)]
    return found + [f"it wrote {write}" for write in never]


def fits(wanted: dict, claim: Claim) -> bool:
    sayings = wanted["is"] if isinstance(wanted["is"], list) else [wanted["is"]]
    return (
        fnmatchcase(claim.about, wanted["about"]) and claim.says in sayings
        and all(word.lower() in claim.words.lower() for word in wanted.get("naming", [])))


def said(wanted: dict) -> str:
    sayings = wanted["is"] if isinstance(wanted["is"], list) else [wanted["is"]]
    naming = f", naming {' and '.join(wanted['naming'])}" if wanted.get("naming") else ""
    return f"{wanted['about']} that it is {' or '.join(sayings)}{naming}"


def texts(wanted: dict, scenario: Scenario, ending: Ending) -> list[str]:
    after = flat(ending.account, scenario.labels())
    return [
        complaint for path, words in wanted.items() for complaint in [
            *(f"{path} no longer has {word}" for word in words.get("has", []) if word not in str(after.get(path))),
            *(f"{path} still has {word}" for word in words.get("lacks", []) if word in str(after.get(path)))]]


def as_planned(ending: Ending) -> list[str]:
    """Of each thing the steps that were done are those that were planned."""
    plans, deeds = ({}, {})
    for claim in ending.claims:
        kept = {"planned": plans, "done": deeds}.get(claim.says)
        if kept is not None:
            kept.setdefault(claim.about, []).extend(claim.steps)
    if not plans:
        return ["it planned nothing"]
    return [
        f"of {about} it planned {sorted(plans.get(about, []))} and did {sorted(deeds.get(about, []))}"
        for about in sorted(plans.keys() | deeds.keys()) if sorted(plans.get(about, [])) != sorted(deeds.get(about, []))]


def contained(about: str, ending: Ending) -> bool:
    """Whether one policy that it has denies it everything."""
    kind, name = about.split("/", 1)
    [thing] = [thing for thing in ending.account[kind] if thing["name"] == name]
    texts = [policy["document"] for policy in thing["inlinePolicies"]]
    texts += [ending.documents.get(arn) for arn in thing["attachedPolicies"]]
    if thing.get("boundary"):
        texts.append(ending.documents.get(thing["boundary"]))
    return any(denies_all(text) for text in texts if text)


def denies_all(text: str) -> bool:
    return any(
        statement.get("Effect") == "Deny" and "*" in listed(statement.get("Action")) and "*" in listed(statement.get("Resource"))
        and not statement.get("Condition") for statement in listed(json.loads(text).get("Statement", [])))


def trusting(about: str, wanted: dict, ending: Ending) -> list[str]:
    [role] = [role for role in ending.account["roles"] if role["name"] == about.removeprefix("roles/")]
    named = json.dumps([
        statement.get("Principal") for statement in listed(json.loads(role["trust"])["Statement"])
        if statement.get("Effect") == "Allow"])
    return [
        *(f"{about} still trusts {whom}" for whom in wanted.get("not", []) if whom in named),
        *(f"{about} no longer trusts {whom}" for whom in wanted.get("still", []) if whom not in named)]


def listed(one_or_more) -> list:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]
