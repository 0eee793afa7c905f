"""One run of one function, and the middle of many."""

from dataclasses import dataclass
from statistics import median

from end_to_end import runtime_api

from aws_stand_in import AwsStandIn
from function import Function


class WrongAnswer(Exception):
    pass


@dataclass(frozen=True)
class Run:
    # Seconds from starting the process to its asking for an event, and to its answer.
    to_ready: float
    to_response: float
    cpu: float
    memory: int
    calls: tuple[tuple[str, int], ...]


def run(function: Function, event: dict, resource: str, aws: AwsStandIn) -> Run:
    """A fresh process judges `event`; nothing counts unless it reports `resource` as non-compliant, and only that."""
    aws.forget()
    outcome = runtime_api.run(function.command, event, function.environment | {"AWS_ENDPOINT_URL": aws.url})
    reported = [(each["ComplianceResourceId"], each["ComplianceType"]) for each in aws.evaluations]
    if outcome.error is not None or reported != [(resource, "NON_COMPLIANT")]:
        raise WrongAnswer(f"{function.name} reported {reported}, with error {outcome.error}:\n{outcome.output}")
    return Run(outcome.to_ready, outcome.to_response, outcome.cpu, outcome.memory, tuple(sorted(aws.calls.items())))


@dataclass(frozen=True)
class Summary:
    function: Function
    to_ready: float
    to_response: float
    fastest: float
    slowest: float
    cpu: float
    memory: int
    calls: set[tuple[tuple[str, int], ...]]


def summary(function: Function, runs: list[Run]) -> Summary:
    """Medians, because one run that met another process on its core says nothing about the function."""
    return Summary(
        function=function,
        to_ready=median(each.to_ready for each in runs),
        to_response=median(each.to_response for each in runs),
        fastest=min(each.to_response for each in runs),
        slowest=max(each.to_response for each in runs),
        cpu=median(each.cpu for each in runs),
        memory=median(each.memory for each in runs),
        calls={each.calls for each in runs})
