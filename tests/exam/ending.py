"""What a scenario came to: the account afterwards, the writes that were made, and what the tool says of it."""

from dataclasses import asdict, dataclass, field

# What a claim may say.
SAYINGS = {
    "done": "it changed this, and the change took",
    "planned": "it would change this, and has changed nothing",
    "refused": "it found something, and has left it alone on purpose",
    "failed": "it tried and could not",
    "unknown": "it could not find out",
    "rejected": "it could not take what it was sent",
    "in order": "nothing is wrong here",
    "wrong": "something is wrong here",
}


@dataclass
class Claim:
    """What a tool says: in its journal, its log, its answer, its report."""

    # `users/ada`, `roles/ci`, `policies/all`, `account`, or `events` where it is about what the tool was sent.
    about: str
    says: str
    words: str = ""
    # Of what is planned and what is done, each write: `iam:DeleteUserPolicy scanner-debug`.
    steps: list[str] = field(default_factory=list)

    def __post_init__(self):
        if self.says not in SAYINGS:
            raise ValueError(f"no claim says `{self.says}`; it is one of {sorted(SAYINGS)}")


@dataclass
class Write:
    """A call that changes IAM, those that AWS refused among them."""

    action: str
    on: str = ""


@dataclass
class Ending:
    # An account file; `scenario.account()` had it nothing happened.
    account: dict
    writes: list[Write] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    # Whom people were told about, by whatever way they are told: `users/ada`.
    told: list[str] = field(default_factory=list)
    # Texts of managed policies that the account file does not have, by ARN: the tool's own among them.
    documents: dict[str, str] = field(default_factory=dict)
    # The account beside it, where there is one.
    elsewhere: dict | None = None

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def of_json(cls, said: dict) -> "Ending":
        more = {name: said[name] for name in ("told", "documents", "elsewhere") if name in said}
        return cls(
            said["account"], [Write(**write) for write in said.get("writes", [])],
            [Claim(**claim) for claim in said.get("claims", [])], **more)


class NotApplicable(Exception):
    """A scenario that cannot be put to this tool in this world, and why."""
