"""A scenario played to Bailiff, in whatever world: what its `when` means, said once for all of them."""

import json
import uuid
from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from end_to_end import configuration
from end_to_end.config_rule import envelope

from ..ending import Claim, Ending, NotApplicable
from ..scenario import ACCOUNT, ELSEWHERE, Scenario, age
from . import intent, testimony

A_PERSON = {"requestedBy": "sam", "reason": "it is the exam"}


class World(ABC):
    """An account with Bailiff in it. Accounts and times are as in the scenario's account file."""

    scenario: Scenario

    @abstractmethod
    def now(self) -> datetime:
        """Bailiff's time."""

    @abstractmethod
    def state(self) -> dict:
        """The account as it is, as an account file."""

    @abstractmethod
    def deliver(self, event: dict) -> list[Claim]:
        """An event to the function that gets its like; all that follows has happened. Gives back what it refused."""

    @abstractmethod
    def message(self, remediator: str, group: str, body: str) -> list[Claim]:
        """A message on a remediator's queue."""

    @abstractmethod
    def order(self, function: str, payload: dict) -> dict:
        """A person asks: `{status}`, `{refused}` or `{nothing}`."""

    @abstractmethod
    def answer(self, by: str, answer: dict) -> str | None:
        """A person, by ARN, answers to a plan that waits for approval; all that follows has happened. Why it does not
        count, if it does not."""

    @abstractmethod
    def someone(self, change: dict) -> None:
        """Somebody else changes the account now."""

    @abstractmethod
    def meanwhile(self, said: dict) -> None:
        """Somebody else will, at a moment of Bailiff's work."""

    @abstractmethod
    def fault(self, said: dict) -> None:
        """Calls fail from now on."""

    @abstractmethod
    def heal(self) -> None:
        """They no longer do."""

    @abstractmethod
    def stop(self, reason: str | None) -> None:
        """A person throws the switch, or lets everything go on."""

    @abstractmethod
    def dies(self, said: dict) -> None:
        """The function that writes will die at a moment of its work."""

    @abstractmethod
    def govern(self, mode: str) -> None:
        """Deployed anew in this mode."""

    @abstractmethod
    def pass_(self, time: timedelta) -> None:
        """Time passes."""

    @abstractmethod
    def entries(self) -> list[dict]:
        """The journal, oldest first."""

    @abstractmethod
    def ending(self, claims: list[Claim]) -> Ending:
        """All there is to see; `claims` come first."""


def play(scenario: Scenario, world: World) -> Ending:
    for said in scenario.faults:
        world.fault(said)
    for said in scenario.meanwhile:
        world.meanwhile(said)
    if "dies" in scenario.said["given"]:
        world.dies(scenario.said["given"]["dies"])
    claims, remembered = [], {}
    for step in scenario.when:
        [(does, what)] = step.items() if isinstance(step, dict) else [(step, None)]
        claims += STEPS[does](world, what, remembered) or []
    return world.ending(claims)


def sweep(world: World, what, remembered) -> list[Claim]:
    return world.deliver(scheduled(world, (what or {}).get("of", ACCOUNT)))


def scheduled(world: World, account: str) -> dict:
    return {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": "Scheduled Event", "source": "aws.events",
        "account": account, "time": moment(world.now()), "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:{account}:rule/bailiff-reconcile"], "detail": {}}


def tell(world: World, what: dict, remembered) -> list[Claim]:
    """AWS Config tells of a user, each rule that hears of changes by itself."""
    events = remembered[what["remembered"]] if "remembered" in what else changes(world, what)
    return [claim for _ in range(what.get("times", 1)) for event in events for claim in world.deliver(event)]


def remember(world: World, what: dict, remembered) -> None:
    """The events of a change that are still on their way."""
    remembered[what["as"]] = changes(world, what)


def changes(world: World, what: dict) -> list[dict]:
    captured = moment(world.now())
    state = next((user for user in world.state()["users"] if user["name"] == what["user"]), None)
    if state is None:
        raise NotApplicable(f"there is no user {what['user']} to tell of")
    item = configuration.item(ACCOUNT, state, captured)
    kind, content = "ConfigurationItemChangeNotification", {"configurationItemDiff": None, "configurationItem": item}
    if what.get("as-if") == "deleted":
        item |= {"configurationItemStatus": "ResourceDeleted", "configuration": None}
    if what.get("as-if") == "oversized":
        kind = "OversizedConfigurationItemChangeNotification"
        del item["configuration"]
        content = {"configurationItemSummary": item | {"changeType": "UPDATE"}}
    message = configuration.notification(kind, content) | {"notificationCreationTime": captured}
    events = [
        envelope(ACCOUNT, f"bailiff-{rule}", message, "a token", {"ruleId": rule})
        for rule in intent.rules_of_a_change(world.scenario)]
    if what.get("as-if") == "of another account":
        events = [json.loads(json.dumps(event).replace(ACCOUNT, ELSEWHERE)) for event in events]
    return events


def forged(world: World, what: dict, remembered) -> list[Claim]:
    """Somebody who can write to a queue puts a finding there."""
    about = what["about"].split("/", 1)[1]
    state = next((thing for thing in world.state()["users"] if thing["name"] == about), {"id": "AIDANOBODYATALL23456", "path": "/"})
    [rule] = intent.rules(world.scenario)
    account = ELSEWHERE if what.get("of") == "another account" else ACCOUNT
    finding = {
        "schema": 1, "id": uuid.uuid4().hex[:16], "rule": rule, "annotation": what.get("says", "it breaks the rule"),
        "seen": moment(world.now()), "resource": {
            "type": "user", "account": account, "name": about, "uniqueId": state["id"],
            "arn": configuration.arn_in(account, about, state["path"])}}
    return world.message(world.remediators[rule], state["id"], json.dumps(finding))


def garbage(world: World, what: dict, remembered) -> list[Claim]:
    if what["to"] == "queue":
        [rule, *_] = intent.rules(world.scenario)
        return world.message(world.remediators[rule], "somebody", what["text"])
    return world.deliver(json.loads(what["text"]))


def suspend(world: World, about: str, remembered) -> list[Claim]:
    order = {"principal": intent.arn(about)} | A_PERSON
    kind, name = intent.arn(about).rsplit(":", 1)[1].split("/", 1)
    return [answered(f"{kind}s/{name.rsplit('/', 1)[-1]}", world.order("suspend-principal", order))]


def undo(world: World, what: dict | None, remembered) -> list[Claim]:
    done = [entry for entry in world.entries() if entry["outcomes"] and entry["cause"]["kind"] != "undo"]
    if not done:
        raise NotApplicable("it has done nothing that could be undone")
    entry = done[-1]
    return [
        answered(testimony.about_resource(entry["plan"]["resource"]), world.order("restore", {"journalId": entry["id"]} | A_PERSON))
        for _ in range((what or {}).get("times", 1))]


def answer(world: World, what: dict, remembered) -> list[Claim]:
    """To what was asked last about it."""
    about = what["about"]
    questions = [
        entry for entry in world.entries()
        if testimony.about_resource(entry["plan"]["resource"]) == about
        and (entry.get("refusal") or {}).get("guard") == "awaits-approval"]
    if not questions:
        return [Claim(about, "in order", "answer: nobody is asked")]
    plan = "0" * 64 if what.get("to") == "another plan" else questions[-1]["refusal"]["plan"]
    said = {
        "journalId": questions[-1]["id"], "plan": plan, "answer": what.get("says", "approve"), "reason": "looked at it"}
    why = world.answer(intent.arn(what["by"]), said)
    return [Claim(about, "refused", f"answer: {why}")] if why else []


def answered(about: str, answer: dict) -> Claim:
    if "status" in answer:
        return Claim(about, testimony.SAYS[answer["status"]], f"answer: {answer['status']}")
    if "nothing" in answer:
        return Claim(about, "in order", f"answer: {answer['nothing']}")
    return Claim(about, "refused", f"answer: {answer['refused']}")


def moment(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


STEPS = {
    "sweep": sweep, "tell": tell, "remember": remember, "forged": forged, "garbage": garbage, "suspend": suspend,
    "undo": undo, "answer": answer,
    "someone": lambda world, what, _: world.someone(what),
    "stop": lambda world, what, _: world.stop(what),
    "go-on": lambda world, what, _: world.stop(None),
    "heal": lambda world, what, _: world.heal(),
    "go-live": lambda world, what, _: world.govern("act"),
    "pass": lambda world, what, _: world.pass_(age(what)),
}
