"""No message is lost, none is handed out twice at once, and each that is given up can be found."""

from .deployment import (
    COURIER,
    DETECTORS,
    REMEDIATORS,
    dead_letters_of,
    event_sources,
    functions,
    listed,
    of_type,
    properties,
    rule_targets,
    setting,
    target,
    where_it_holds,
)

LONGEST = 1209600  # fourteen days, as long as SQS keeps anything


def event_queues(template):
    return {target(source["Queue"]): function for function, source in event_sources(template)}


def without_dead_letters(template):
    """Queues that neither are a dead-letter queue nor have one of their own kind."""
    queues = of_type(template, "AWS::SQS::Queue")
    ends = {dead_letters_of(template, queue) for queue in queues} | {"FailedInvocations"}
    ends |= {target(at.get("DeadLetterConfig", {}).get("Arn")) for _, at in rule_targets(template)}
    wrong = []
    for queue in queues:
        end = dead_letters_of(template, queue)
        if queue in ends:
            continue
        if end not in queues:
            wrong.append(f"{queue}: no dead-letter queue")
        elif properties(template, end).get("FifoQueue") != properties(template, queue).get("FifoQueue"):
            wrong.append(f"{queue}: its dead-letter queue is of the other kind")
        elif properties(template, end)["MessageRetentionPeriod"] != LONGEST:
            wrong.append(f"{queue}: given-up messages are not kept for long")
    return wrong


def shared_dead_letters(template):
    ends = [dead_letters_of(template, queue) for queue in event_queues(template)]
    return sorted({end for end in ends if ends.count(end) > 1})


def seen_again_too_soon(template):
    """Queues that hand a message out again while the function may still be working on it."""
    return [
        queue
        for queue, function in event_queues(template).items()
        if properties(template, queue).get("VisibilityTimeout", 30) < 6 * setting(template, function, "Timeout")
    ]


def wrong_event_sources(template):
    wrong = []
    for function, source in event_sources(template):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            wrong.append(f"{function}: one bad message costs the batch")
        most = source.get("ScalingConfig", {}).get("MaximumConcurrency")
        reserved = properties(template, function)["ReservedConcurrentExecutions"]["Fn::If"][1]
        if most is None or most > reserved:
            wrong.append(f"{function}: throttled deliveries would count towards the dead-letter queue")
    return wrong


# Where the stack denies first, EventBridge sends there too, and names nothing by which an event is known again.
OF_EVENTS_TOO = {"SuspendPrincipalQueue": {"Fn::If": ["DeniesFirst", True, False]}}


def wrong_order(template):
    """Event queues where one principal's findings could overtake each other, or where content decides what is new."""
    return [
        queue
        for queue, function in event_queues(template).items()
        if function not in {functions(template)[program] for program in DETECTORS | {COURIER}}
        and (
            properties(template, queue).get("FifoQueue") is not True
            or properties(template, queue).get("ContentBasedDeduplication") != OF_EVENTS_TOO.get(queue, False)
        )
    ]


def readable_queues(template):
    """Queues that keep messages in the clear or take them in the clear."""
    refusing = set()
    for policy in of_type(template, "AWS::SQS::QueuePolicy").values():
        for statement in map(where_it_holds, policy["Properties"]["PolicyDocument"]["Statement"]):
            over_tls = statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            if statement["Effect"] == "Deny" and over_tls and statement["Action"] == "sqs:*":
                named = {target(queue) for queue in policy["Properties"]["Queues"]}
                refusing |= named & {target(resource) for resource in listed(statement["Resource"])}
    return [
        queue
        for queue, resource in of_type(template, "AWS::SQS::Queue").items()
        if queue not in refusing or resource["Properties"].get("SqsManagedSseEnabled") is not True
    ]


def silent_failures(template):
    """Functions that are invoked asynchronously and whose failures end nowhere."""
    wrong = []
    for program, function in functions(template).items():
        if program in REMEDIATORS:
            continue  # theirs end in their dead-letter queue; an operator waits for the answer
        config = properties(template, function).get("EventInvokeConfig", {})
        failure = config.get("DestinationConfig", {}).get("OnFailure", {})
        if failure.get("Type") != "SQS" or target(failure.get("Destination")) != "FailedInvocations":
            wrong.append(program)
        for name, event in properties(template, function).get("Events", {}).items():
            if event["Type"] != "SQS" and target(event["Properties"].get("DeadLetterConfig", {}).get("Arn")) != "FailedInvocations":
                wrong.append(f"{program} {name}")
    if properties(template, "FailedInvocations").get("FifoQueue"):
        wrong.append("FailedInvocations: neither Lambda nor EventBridge sends to a FIFO queue")
    return wrong


def closed_to_rules(template):
    """Rules of the event bus whose events a queue of theirs would not take: EventBridge tells nobody."""
    takes = set()
    for policy in of_type(template, "AWS::SQS::QueuePolicy").values():
        for statement in map(where_it_holds, policy["Properties"]["PolicyDocument"]["Statement"]):
            if statement["Effect"] != "Allow" or statement["Principal"] != {"Service": "events.amazonaws.com"}:
                continue
            sources = [source_of(arn) for arn in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])]
            takes |= {(source, target(queue)) for source in sources for queue in listed(statement["Resource"])}
    queues = of_type(template, "AWS::SQS::Queue")
    wrong = []
    for rule, at in rule_targets(template):
        name = properties(template, rule)["Name"]["Fn::Sub"]
        needed = {target(at["Arn"]), target(at["DeadLetterConfig"]["Arn"])} & set(queues)
        wrong += [f"{rule}: {queue}" for queue in sorted(needed) if not {(rule, queue), (name, queue)} & takes]
    return wrong


def source_of(arn):
    """A rule by its place in the template, or by the last part of its written ARN."""
    return target(arn) if "Fn::GetAtt" in arn else arn["Fn::Sub"].rpartition("/")[2]


def test_queues_take_the_events_of_every_rule_that_sends_to_them(template):
    assert closed_to_rules(template) == []


def test_a_queue_that_is_closed_to_a_rule_is_noticed(template):
    for policy in ("DetectThreatsQueuePolicy", "DetectThreatsDeadLettersPolicy"):
        sources = properties(template, policy)["PolicyDocument"]["Statement"][1]["Condition"]["ArnEquals"]["aws:SourceArn"]
        sources.remove({"Fn::GetAtt": ["RefusedKeys", "Arn"]})
    assert closed_to_rules(template) == ["RefusedKeys: DetectThreatsDeadLetters", "RefusedKeys: DetectThreatsQueue"]


def test_each_remediator_and_the_courier_have_a_queue(template):
    programs = functions(template)
    assert sorted(event_queues(template).values()) == sorted(programs[p] for p in REMEDIATORS | DETECTORS | {COURIER})


def test_every_queue_has_a_dead_letter_queue(template):
    assert without_dead_letters(template) == []
    assert shared_dead_letters(template) == []


def test_a_queue_without_a_dead_letter_queue_is_noticed(template):
    del properties(template, "SuspendPrincipalQueue")["RedrivePolicy"]
    # Its former dead-letter queue is then a queue like any other.
    assert without_dead_letters(template) == [
        "SuspendPrincipalQueue: no dead-letter queue",
        "SuspendPrincipalDeadLetters: no dead-letter queue",
    ]


def test_a_standard_dead_letter_queue_behind_a_fifo_queue_is_noticed(template):
    del properties(template, "SuspendPrincipalDeadLetters")["FifoQueue"]
    assert without_dead_letters(template) == ["SuspendPrincipalQueue: its dead-letter queue is of the other kind"]


def test_a_message_stays_invisible_for_six_timeouts(template):
    assert seen_again_too_soon(template) == []


def test_a_longer_timeout_is_noticed(template):
    properties(template, "RemoveUserPolicies")["Timeout"] = 121
    assert seen_again_too_soon(template) == ["RemoveUserPoliciesQueue"]


def test_event_sources_report_single_failures_and_stay_within_the_reservation(template):
    assert wrong_event_sources(template) == []


def test_an_event_source_beyond_the_reservation_is_noticed(template):
    properties(template, "DeactivateAccessKeys")["Events"]["Findings"]["Properties"]["ScalingConfig"][
        "MaximumConcurrency"
    ] = 5
    assert len(wrong_event_sources(template)) == 1


def test_findings_of_one_principal_stay_in_order(template):
    assert wrong_order(template) == []


def test_deduplication_by_content_is_noticed(template):
    properties(template, "DeactivateAccessKeysQueue")["ContentBasedDeduplication"] = True
    assert wrong_order(template) == ["DeactivateAccessKeysQueue"]


def test_queues_are_encrypted_at_rest_and_under_way(template):
    assert readable_queues(template) == []


def test_a_queue_in_the_clear_is_noticed(template):
    del properties(template, "FailedInvocations")["SqsManagedSseEnabled"]
    properties(template, "SuspendPrincipalQueuePolicy")["PolicyDocument"]["Statement"][0]["Effect"] = "Allow"
    assert sorted(readable_queues(template)) == ["FailedInvocations", "SuspendPrincipalQueue"]


def test_failed_invocations_end_in_a_queue(template):
    assert silent_failures(template) == []


def test_failures_that_end_nowhere_are_noticed(template):
    del properties(template, "Restore")["EventInvokeConfig"]
    del properties(template, "EvaluateAccount")["Events"]["Reconcile"]["Properties"]["DeadLetterConfig"]
    assert silent_failures(template) == ["evaluate-account Reconcile", "restore"]
