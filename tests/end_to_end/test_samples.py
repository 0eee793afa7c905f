"""Every sample of what detectors and CloudTrail say, told to the function itself: what it logs and pages is what the
parser's snapshot says of that sample, of the very people whom it is about."""

import json
import re
from dataclasses import dataclass, field

import pytest

from . import hints, notices, principals
from .account import Loaded, load
from .governance_file import in_mode
from .hints import SIGNS
from .sample_events import NAMES, retold, sample
from .stack import Stack
from .test_threats import ADMINISTRATOR, DETECTOR, wrote

# What the samples before have brought about is no matter here.
IN_SUMS = re.compile(r" \((at least )?\d+ more such calls [^()]* were not told one by one\)")
QUARANTINE = "arn:aws:iam::111122223333:policy/bailiff-quarantine"


def used(last_letters: str, **more) -> dict:
    return {"id": f"AKIAQ2XH7WMR{last_letters}", "created": principals.LATELY} | more


def people(boundary: str | None, keys: bool) -> dict:
    """Whom the samples are about, with the ids that stand in them."""
    def user(name: str, *its_keys: dict, **more) -> dict:
        return {"name": name, "accessKeys": list(its_keys if keys else ())} | more

    def role(name: str, unique_id: str, **more) -> dict:
        return {"name": name, "id": unique_id} | more

    return principals.ACCOUNT | {
        "users": [
            user("contractor.dlamini", used("DLAMINI1", status="Inactive"), path="/staff/", id="AIDAQ2XH7WMR4HRY6FAQP",
                 boundary=boundary),
            user("noor.rahimi", used("NOOROLD1"), used("NOORNEW1"), id="AIDAQ2XH7WMR6CKO4TJFX", boundary=boundary),
            user("svc-edi-archive"), user("svc-tools", used("TEXAMPLE"))],
        "roles": [
            role("depot-operations", "AROAQ2XH7WMR3OPSWX2KD"), role("parcel-tracker", "AROAQ2XH7WMR4VJHC6XSG"),
            role("dock-planner", "AROAQ2XH7WMR2DOCKPLAN"), role("bailiff-helper", "AROAQ2XH7WMR9PRETENDR"),
            role("AWSReservedSSO_DepotAdmin_8c1f0e2d3b4a5968", "AROAQ2XH7WMR7JDLP2SSO",
                 path="/aws-reserved/sso.amazonaws.com/eu-west-1/")],
        "groups": [{"name": "operations", "attachedPolicies": [ADMINISTRATOR]}],
        "policies": [
            {"name": "depot-everything", "path": "/teams/", "document": principals.ALLOW_ALL}, {"name": "depot-read"}]}


@dataclass
class Expected:
    """What the log and the topic must say of one sample: no more and no less."""

    threatened: list[tuple] = field(default_factory=list)
    pages: list[tuple] = field(default_factory=list)
    ignored: list[tuple] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)


@dataclass
class World:
    """A detector to which nobody but the tests tells anything, and whose findings nobody works off."""

    stack: Stack
    loaded: Loaded
    listener: notices.Listener
    is_quarantined: bool
    triggers: dict = field(default_factory=dict)

    def tell(self, event: dict) -> list[dict]:
        """What it logs of that event."""
        self.listener.forget()
        before = len(self.stack.log(DETECTOR))
        answer = self.stack.invoke(DETECTOR, event)
        assert answer.error is None, answer.payload
        lines = answer.log[before:].splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and '"decision"' in line]

    def sample(self, name: str) -> dict:
        return sample(name, self.stack.account)

    def arn(self, whom) -> str:
        """Of a suspect: with a name, or an ARN, a unique id or the last letters of a key."""
        def is_meant(kind: str, one: dict) -> bool:
            if isinstance(whom, dict):
                return kind == f"{whom['is'].lower()}s" and one["name"] == whom["name"]
            return one["id"] == whom or any(f"…{key['id'][-4:]}" == whom for key in one.get("accessKeys", []))

        if isinstance(whom, str) and whom.startswith("arn:"):
            return whom
        [(kind, one)] = [
            (kind, one) for kind in ("users", "roles") for one in self.loaded.file[kind] if is_meant(kind, one)]
        assert not isinstance(whom, dict) or whom["unique_id"] in (None, one["id"]), whom
        return f"arn:aws:iam::{self.stack.account}:{kind[:-1]}{one['path']}{one['name']}"

    def expected(self, name: str) -> Expected:
        told = Expected()
        for trigger in self.triggers[name]:
            if trigger.ignored is not None:
                told.ignored.append((trigger.id, trigger.ignored))
            for hint in trigger.hints:
                self.follow(trigger, hint, told)
        return told

    def follow(self, trigger: hints.Trigger, hint: dict, told: Expected) -> None:
        """By docs/threats.md, where everybody is in quarantine by a boundary, or nobody is and both users were reported."""
        account = f"arn:aws:iam::{self.stack.account}:root"

        def page(sign: str, said: str) -> None:
            told.pages.append((SIGNS[sign], said))
            told.threatened.append((trigger.source, account, SIGNS[sign], said))

        def judge(whom) -> None:
            arn = self.arn(whom)
            if arn.split(":", 5)[5].split("/")[0] in ("user", "role", "group", "policy"):
                told.judged.add(arn)
            else:
                told.ignored.append((trigger.id, f"{arn} is no user, role, group or policy of this account"))

        def against(whom, sign: str, said: str) -> None:
            told.threatened.append((trigger.source, self.arn(whom), SIGNS[sign], said))
            judge(whom)

        match hint:
            # One is no threat: they are counted.
            case {"is": "Threat", "sign": "DeniedAgainAndAgain"}:
                pass
            case {"is": "Threat", "sign": sign, "about": about, "said": said}:
                against(about, sign, said)
                if sign in ("LiftedQuarantine", "SetQuarantineTag", "TriedDisabledKey"):
                    page(sign, said)
            case {"is": "Page", "sign": sign, "said": said}:
                page(sign, said)
            case {"is": "Changed" | "Broken", "about": about}:
                judge(about)
            case {"is": "Made", "about": about, "by": by, "said": said}:
                # The roles are at large.
                if self.is_quarantined and by["is"] == "User" and self.arn(about) != self.arn(by):
                    against(about, "MadeBySuspended", said)
            case {"is": "Granted", "then": then}:
                self.follow(trigger, then, told)
            case {"is": "Mark", "of": of, "touch": touch, "then": then}:
                if (touch == "TakenOff") == self.is_quarantined:
                    self.follow(trigger, then, told)
                else:
                    state = "in quarantine already" if self.is_quarantined else "in no quarantine"
                    told.ignored.append((
                        trigger.id,
                        f"`bailiff:quarantined` alone stops nobody, and user {of['name']} is {state}"))
            case {"is": "Boundary", "of": of, "then": then, "otherwise": otherwise}:
                if self.is_quarantined:
                    self.follow(trigger, then, told)
                else:
                    page(then["sign"], f"{then['said']} (user {of['name']} is in quarantine, or was reported of late: if "
                         "the boundary was its quarantine, this took it off)")
                    if otherwise:
                        self.follow(trigger, otherwise, told)
            case _:
                raise AssertionError(f"nothing is said here of {hint}")


def world(bailiff, emulator, account: str, quarantined: bool) -> World:
    # Nothing is done about anybody, and what is in order is logged too.
    stack = bailiff(in_mode("audit"), AWS_LAMBDA_LOG_LEVEL="debug")
    lambdas = stack.client("lambda")
    for mapping in lambdas.list_event_source_mappings()["EventSourceMappings"]:
        lambdas.delete_event_source_mapping(UUID=mapping["UUID"])
    # A key id is given once.
    loaded = load(emulator, people(QUARANTINE if quarantined else None, keys=not quarantined), account)
    made = World(stack, loaded, notices.listen(stack), quarantined)
    made.triggers = hints.of_samples(lambda text: retold(text, account))
    return made


@pytest.fixture(scope="module")
def free(shared_bailiff, emulator, shared_account):
    """Where nobody is in quarantine, and both users were reported before."""
    made = world(shared_bailiff, emulator, shared_account, False)
    finding, call = made.sample("guardduty-user"), made.sample("cloudtrail-federation-token")
    finding["detail"]["id"] = "00000000000000000000000000000001"
    call["detail"]["eventID"] = "00000000-0000-4000-8000-000000000001"
    for event in (finding, call):
        assert [line for line in made.tell(event) if line["decision"] == "threatened"]
    yield made
    assert wrote(made.stack) == []


@pytest.fixture
def quarantined(bailiff, emulator, account):
    """Where both users are."""
    made = world(bailiff, emulator, account, True)
    yield made
    assert wrote(made.stack) == []


def check(world: World, name: str) -> Expected:
    expected = world.expected(name)
    assert expected != Expected() or name == "cloudtrail-denied", f"{name} leads to nothing that could be seen"
    lines = world.tell(world.sample(name))

    def said(decision: str, *fields: str) -> list[tuple]:
        return sorted(tuple(line[field] for field in fields) for line in lines if line["decision"] == decision)

    threatened = [
        (*fields, IN_SUMS.sub("", what)) for *fields, what in said("threatened", "source", "resource", "sign", "said")]
    assert sorted(threatened) == sorted(expected.threatened), name
    assert said("ignored", "id", "why") == sorted(expected.ignored), name
    assert {resource for (resource,) in said("judged", "resource")} == expected.judged, name
    pages = [(notice["Subject"], IN_SUMS.sub("", notice["Message"])) for notice in world.listener.notices()]
    assert len(pages) == len(expected.pages), pages
    for sign, what in expected.pages:
        # A subject is ASCII of a hundred characters at most.
        subject = f"Bailiff: {sign}"[:100]
        assert [text for told, text in pages if told == subject and f"Seen:   {what}\n" in text], pages
    return expected


@pytest.mark.parametrize("name", NAMES)
def test_of_every_sample_the_function_says_what_the_parser_reads_in_it(name, free):
    check(free, name)


def test_a_refused_call_is_counted_and_the_twentieth_is_a_threat(free):
    event, threats = free.sample("cloudtrail-denied"), []
    for number in range(20):
        event["detail"]["eventID"] = f"00000000-0000-4000-8000-{number:012d}"
        threats += [line["sign"] for line in free.tell(event) if line["decision"] == "threatened"]
    assert threats == [SIGNS["DeniedAgainAndAgain"]]


# What may be told otherwise where the caller, or whom it is about, is in quarantine.
OTHERWISE = {"Made", "Mark", "Boundary"}
OF_A_QUARANTINE = [
    name for name, triggers in hints.of_samples().items()
    if any(hint["is"] in OTHERWISE for trigger in triggers for hint in trigger.hints)]


def test_of_whoever_is_in_quarantine_what_they_make_and_what_takes_it_off_counts(quarantined):
    assert len(OF_A_QUARANTINE) > 10
    signs = {
        sign for name in OF_A_QUARANTINE for _, _, sign, _ in check(quarantined, name).threatened}
    assert {SIGNS["MadeBySuspended"], SIGNS["LiftedQuarantine"]} <= signs


@pytest.mark.parametrize("name, sign, said", [
    ("cloudtrail-root-used", "RootUsed", "root called s3:DeleteBucket"),
    ("cloudtrail-root-signed-in", "RootUsed", "root called signin:ConsoleLogin"),
    ("cloudtrail-root-task", "RootTask", "root called iam:CreateAccessKey"),
    ("cloudtrail-root-of-member-assumed", "AssumedRoot", "called sts:AssumeRoot on 444455556666"),
    ("cloudtrail-organization-left", "LeftOrganization", "called organizations:LeaveOrganization"),
    ("cloudtrail-by-a-session-of-root", "BlindedWatch", "called cloudtrail:StopLogging"),
    ("cloudtrail-trail-of-data-alone", "BlindedWatch", "called cloudtrail:PutEventSelectors"),
])
def test_people_are_paged_with_what_no_change_to_a_principal_mends(name, sign, said, free):
    event = free.sample(name)
    event["detail"]["eventID"] = f"00000000-0000-4000-8000-{NAMES.index(name):012d}"
    free.tell(event)
    [page] = free.listener.notices()
    assert page["Subject"] == f"Bailiff: {SIGNS[sign]}" and said in page["Message"], page
    # Told again, people hear of it once.
    free.tell(event)
    assert free.listener.notices() == []


@pytest.mark.parametrize("name, standard, ours", [
    ("config-rule-of-aws", "ACCESS_KEYS_ROTATED", "access-key-age"),
    ("config-rule-of-a-conformance-pack", "IAM_NO_INLINE_POLICY_CHECK", "role-inline-policy"),
    ("security-hub-control-failed", "SecurityHub:IAM.3", "access-key-age")])
def test_where_anothers_rule_is_broken_ours_that_stands_for_it_is_judged_alone(name, standard, ours, free):
    assert [hint["standard"] for trigger in free.triggers[name] for hint in trigger.hints] == [standard]
    assert {line["rule"] for line in free.tell(free.sample(name)) if line["decision"] == "judged"} == {ours}
