"""Bailiff in the emulator: `template.yaml` deployed, the release binaries under their own roles, the real wire."""

import json
import tempfile
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from queue import Queue
from typing import Callable

from end_to_end import audit, binaries, journal, notices, package, past, queues, stack as stacks
from end_to_end.config_service import ConfigService
from end_to_end.emulator.process import Emulator
from end_to_end.eventually import eventually
from end_to_end.test_stages import signed

from ..ending import Claim, Ending, NotApplicable
from ..scenario import ACCOUNT, Scenario
from ..stage import Stage, new_account
from . import intent, testimony
from .catalogue import QUARANTINE, every_rule, remediators, version
from .play import World, play

FUNCTIONS = "*:assumed-role/bailiff-*"
# All but the evaluators.
REMEDIATORS = "*:assumed-role/bailiff-[!e]*"
MOMENTS = {
    # The first that a remediator asks; the principal and its facts are then read at once.
    "before it looks": dict.fromkeys(("users", "roles"), "dynamodb:TransactGetItems"),
    # The entry of what is about to be done is being written.
    "before it acts": dict.fromkeys(("users", "roles"), "dynamodb:TransactWriteItems")}
ITS_OWN = {"its switch": "dynamodb:GetItem", "its journal": "dynamodb:TransactWriteItems"}
SWITCH = {"pk": {"S": "switch"}, "sk": {"S": "stop"}}
# Soon enough for a scenario, late enough for a function to end.
COMES_BACK_AFTER, DELIVERIES = 3, 2


class Emulated:
    tool, world = "bailiff", "emulator"
    # At once: most of their time scenarios wait.
    seats = 3

    def __init__(self):
        self.version = version()
        self._everything = ExitStack()
        self._directory = Path(self._everything.enter_context(tempfile.TemporaryDirectory()))
        # Each with an emulator of its own, which keeps one process a function's name, whatever the account.
        self._desks = Queue()
        for number in range(self.seats):
            self._desks.put(Desk(self._directory / f"desk-{number}", self._everything))
        # Here, and not by each of the first at once.
        for function in (binaries.REPOSITORY / "functions").iterdir():
            binaries.packaged(function.name)

    def close(self) -> None:
        self._everything.close()

    def sit(self, scenario: Scenario) -> Ending:
        with self.desk() as desk, Room(desk, scenario) as room:
            return play(scenario, room)

    @contextmanager
    def desk(self):
        """An emulator for one scenario at a time."""
        desk = self._desks.get()
        try:
            yield desk
        finally:
            self._desks.put(desk)


class Desk:
    """An emulator with Bailiff in one account, tidied up from scenario to scenario."""

    def __init__(self, directory: Path, everything: ExitStack):
        self.emulator = Emulator(directory).start()
        everything.callback(self.emulator.stop)
        self.config = ConfigService(self.emulator).start()
        everything.callback(self.config.stop)
        self._layer = directory / "layer"
        self._layer.mkdir()
        self._stack = None

    def deployed(self, governance: Callable[[str], str], revision: str) -> stacks.Stack:
        """Bailiff under a governance file, made for the account's number; every process is new."""
        file = self._layer / "governance.yaml"
        if self._stack is None:
            account = new_account()
            file.write_text(governance(account))
            self._stack = stacks.deploy(
                self.emulator, account, binaries.TEMPLATE, binaries.packaged, package.of_files(self._layer), {
                    "AWS_ENDPOINT_URL_CONFIG_SERVICE": self.config.endpoint, "BAILIFF_GOVERNANCE": str(file)})
            self._listener = notices.listen(self._stack)
        else:
            file.write_text(governance(self._stack.account))
            for function in self._stack.functions:
                self._stack.configure(function, REVISION=revision)
        return self._stack

    def notices(self) -> list[dict]:
        return self._listener.notices()

    def tidy_up(self, stage: Stage) -> None:
        """As if it had just been deployed: an empty journal, empty queues, nobody there."""
        stage.tidy_up()
        self._listener.forget()
        sqs, dynamodb = (self._stack.client(service) for service in ("sqs", "dynamodb"))
        for remediator in queues.REMEDIATORS:
            for url in (queues.url(self._stack, remediator), queues.dead_letters_url(self._stack, remediator)):
                if queues.waiting(self._stack, url):
                    sqs.purge_queue(QueueUrl=url)
        for item in audit.items(self._stack):
            audit.delete(self._stack, item)

    def discard(self) -> None:
        """Nobody knows what is left in it."""
        self._stack.delete()
        self._stack = None


class Room(World):
    def __init__(self, desk: Desk, scenario: Scenario):
        self.scenario, self.desk, self.config = scenario, desk, desk.config
        self.remediators = remediators()
        self.stack = desk.deployed(lambda account: self._governance(account), scenario.id)
        self.stage = Stage(desk.emulator, scenario, own="bailiff-", account=self.stack.account)
        self._since = desk.emulator.last_call()
        # A queue that was made impatient stays so.
        self._spoilt, self._unheard = False, False

    def _governance(self, account: str, mode: str | None = None) -> str:
        return intent.governance(self.scenario, self.now(), every_rule(), mode).replace(ACCOUNT, account)

    def __enter__(self) -> "Room":
        self.stage.set_up()
        return self

    def __exit__(self, why, *_) -> None:
        self.stage.clear()
        if self._spoilt or why is not None:
            self.desk.discard()
        else:
            self.desk.tidy_up(self.stage)

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def state(self) -> dict:
        return self.stage.state()

    def deliver(self, event: dict) -> list[Claim]:
        event = self.stage.there(event)
        answer = self._invoke(event)
        if self.stage.holds():
            self.stage.let_go()
        queues.worked_off(self.stack)
        return [Claim("events", "rejected", self.stage.back(json.dumps(answer.payload)))] if answer.error else []

    def _invoke(self, event: dict) -> stacks.Invocation:
        rule = self.stack.rules.get(event.get("configRuleName")) if isinstance(event, dict) else None
        if rule is None:
            return self.stack.invoke("evaluate-changes" if "invokingEvent" in event else "evaluate-account", event)
        token = self.config.issue_token(self.stack.account, rule.name)
        binary = next(name for name, function in self.stack.functions.items() if rule.function_arn.endswith(f":{function}"))
        try:
            return self.stack.invoke(binary, event | {"resultToken": token})
        finally:
            self.config.close_token(self.stack.account, token)

    def message(self, remediator: str, group: str, body: str) -> list[Claim]:
        queues.send(self.stack, remediator, self.stage.there(body), group, f"{len(body)}-{self.now().timestamp()}")
        queues.worked_off(self.stack)
        return []

    def order(self, function: str, payload: dict) -> dict:
        answer = self.stack.invoke(function, self.stage.there(payload)).payload
        if "errorMessage" in answer:
            return {"refused": self.stage.back(answer["errorMessage"])}
        return answer if "status" in answer else {"nothing": json.dumps(answer)}

    def answer(self, by: str, answer: dict) -> str | None:
        event = self.stage.there(signed(by, answer))
        said = self.stack.invoke("approve-plan", event)
        queues.worked_off(self.stack)
        if said.error is not None:
            return self.stage.back(json.dumps(said.payload))
        body = self.stage.back(json.loads(said.payload["body"]))
        return None if said.payload["statusCode"] == 200 else body["error"]

    def someone(self, change: dict) -> None:
        self.stage.someone(change)

    def meanwhile(self, said: dict) -> None:
        call = MOMENTS[said["at"]][said.get("about", "users")]
        then = (lambda: self.stop(said["stop"])) if "stop" in said else (lambda: self.stage.someone(said["someone"]))
        self.stage.hold(call, REMEDIATORS, then)

    def fault(self, said: dict) -> None:
        self._spoilt = True
        self._unheard |= said["call"] == "sns:Publish"
        self.stack.hasten(COMES_BACK_AFTER)
        for remediator in queues.REMEDIATORS:
            queues.give_up_after(self.stack, remediator, DELIVERIES)
        if said["call"] in ITS_OWN:
            self.stage.fault(said | {"call": ITS_OWN[said["call"]]}, REMEDIATORS)
        else:
            self.stage.fault(said, FUNCTIONS)

    def heal(self) -> None:
        self.stage.emulator.clear_faults(self.stage.account)

    def stop(self, reason: str | None) -> None:
        if reason is None:
            audit.delete(self.stack, SWITCH)
            return
        order = {"since": "2026-11-22T09:00:00Z", "by": "sam", "reason": reason}
        audit.put(self.stack, SWITCH | {"body": {"S": json.dumps(order)}})

    def dies(self, said: dict) -> None:
        raise NotApplicable("whoever finishes the work waits three minutes before taking a colleague for dead")

    def govern(self, mode: str) -> None:
        self.desk.deployed(lambda account: self._governance(account, mode), f"{self.scenario.id}, {mode}")

    def pass_(self, time: timedelta) -> None:
        if time % timedelta(days=1):
            raise NotApplicable("only whole days can be made to pass in the emulator")
        if "no-keys-left-off" in self.scenario.policy["want"]:
            raise NotApplicable("a deletion stands on what the journal's chain vouches for, whose times nobody can move")
        if self._unheard:
            raise NotApplicable("a message that failed comes back by the emulator's clock, which no days pass on")
        # Of the account nothing ages: what a scenario lets pass is the time of the tool's own records.
        past.shift(self.stack, time.days)
        self.stage.emulator.seed(self.stage.account, credentialReport=None)

    def entries(self) -> list[dict]:
        return self.stage.back(journal.entries(self.stack))

    def ending(self, claims: list[Claim]) -> Ending:
        entries = self.entries()
        resources = testimony.resources(self.scenario.account())
        claims = claims + [testimony.of_entry(entry) for entry in entries] + [
            Claim("events", "rejected", self.stage.back(why)) for why in self._dead()]
        for rule in self.stack.rules:
            for (_, resource), result in self.config.results(self.stack.account, rule).items():
                claim = testimony.of_evaluation(resource, result["ComplianceType"], result.get("Annotation", ""), resources)
                claims += [claim] if claim else []
        calls = self.stage.emulator.calls(self.stage.account, since=self._since)
        return Ending(
            self.state(), self.stage.writes(calls), claims, told=self._told(entries),
            documents={QUARANTINE.format(ACCOUNT): self._quarantine()}, elsewhere=self.stage.state_elsewhere())

    def _dead(self) -> list[str]:
        found = []
        for remediator in queues.REMEDIATORS:
            url = queues.dead_letters_url(self.stack, remediator)
            if count := queues.waiting(self.stack, url):
                found += [queues.reason(message) or "" for message in queues.received(self.stack, url, count)]
        return found

    def _told(self, entries: list[dict]) -> list[str]:
        wanted = self.scenario.then.get("told")
        if not wanted:
            return []

        def look():
            said = " ".join(notice["Message"] for notice in self.desk.notices())
            about = [testimony.about_resource(entry["plan"]["resource"]) for entry in entries if entry["id"] in said]
            return about if set(wanted) <= set(about) else None

        try:
            return eventually(look, "people are told", within=5)
        except AssertionError:
            return []

    def _quarantine(self) -> str:
        """As it is deployed, whatever the template says."""
        iam, arn = self.stack.client("iam"), QUARANTINE.format(self.stage.account)
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
