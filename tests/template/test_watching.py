"""Somebody hears of it when a function fails, a queue stands still, a fact stays unknown or nothing is looked at."""

import json
import re

from .deployment import EVALUATORS, REMEDIATORS, ROOT, dead_letters_of, event_sources, functions, of_type, properties, rule_names, rule_targets, target

# Where the functions' own metrics are written.
METRICS = ROOT / "aws/src/log/metrics.rs"


def wrong_logs(template):
    """Functions that do not log to a group of their own with an end to it."""
    wrong = []
    for program, function in functions(template).items():
        group = target(properties(template, function).get("LoggingConfig", {}).get("LogGroup"))
        if group not in of_type(template, "AWS::Logs::LogGroup") or group != f"{function}Log":
            wrong.append(f"{program}: no log group of its own")
        elif properties(template, group).get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            wrong.append(f"{program}: logs without an end")
    return wrong


def alarms(template):
    """Every (namespace, metric, what is watched) that tells the alarms topic."""
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        p = alarm["Properties"]
        if [target(action) for action in p.get("AlarmActions", [])] == ["Alarms"]:
            for dimension in p["Dimensions"]:
                yield p["Namespace"], p["MetricName"], target(dimension["Value"])


def unwatched(template):
    needed = set()
    for program, function in functions(template).items():
        needed.add(("AWS/Lambda", "Errors", function))
        # Its runs wait for each other; what waits too long ends in the queue of failed invocations.
        if program != "evaluate-account":
            needed.add(("AWS/Lambda", "Throttles", function))
    for _, source in event_sources(template):
        queue = target(source["Queue"])
        needed.add(("AWS/SQS", "ApproximateAgeOfOldestMessage", queue))
        needed.add(("AWS/SQS", "ApproximateNumberOfMessagesVisible", dead_letters_of(template, queue)))
    needed.add(("AWS/SQS", "ApproximateNumberOfMessagesVisible", "FailedInvocations"))
    needed |= {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", target(at["DeadLetterConfig"]["Arn"]))
        for _, at in rule_targets(template)
    }
    needed |= {("AWS/Events", "InvocationsFailedToBeSentToDlq", rule) for rule in rule_names(template)}
    # Every event invokes it too: that lists are read shows in a count of these alone.
    needed |= {("Bailiff", metric, functions(template)["receive-directory-change"]) for metric in ("listsRefused", "listsRead")}
    needed |= {("Bailiff", "unknown", functions(template)[program]) for program in EVALUATORS}
    needed |= {("Bailiff", metric, functions(template)["evaluate-account"]) for metric in ("exemptionsLapsing", "abandoned", "swept", "stopped")}
    needed |= {("Bailiff", "tripped", functions(template)[program]) for program in REMEDIATORS}
    needed |= {("Bailiff", metric, functions(template)[program]) for program in [*REMEDIATORS, "restore"] for metric in ("failed", "partial", "untold")}
    return sorted(needed - set(alarms(template)), key=str)


def test_each_function_logs_to_its_own_group_for_a_limited_time(template):
    assert wrong_logs(template) == []


def test_endless_and_shared_logs_are_noticed(template):
    del properties(template, "RestoreLog")["RetentionInDays"]
    properties(template, "SuspendPrincipal")["LoggingConfig"]["LogGroup"] = {"Ref": "RestoreLog"}
    assert wrong_logs(template) == ["suspend-principal: no log group of its own", "restore: logs without an end"]


def test_failures_throttles_queues_and_silence_are_watched(template):
    assert unwatched(template) == []


def test_an_alarm_that_tells_nobody_is_noticed(template):
    del properties(template, "SuspendPrincipalDeadLettersDepth")["AlarmActions"]
    del template["Resources"]["RestoreErrors"]
    del template["Resources"]["EvaluateAccountUnknown"]
    assert unwatched(template) == [
        ("AWS/Lambda", "Errors", "Restore"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "SuspendPrincipalDeadLetters"),
        ("Bailiff", "unknown", "EvaluateAccount"),
    ]


def test_what_is_watched_of_bailiffs_own_metrics_is_what_the_code_sends(template):
    code = METRICS.read_text()
    assert {a["Properties"]["Namespace"] for a in own_alarms(template)} == set(
        re.findall(r'"Namespace": "(\w+)"', code)
    )
    [dimension] = re.findall(r'"Dimensions": \[\["(\w+)"\]\]', code)
    by_evaluators = set(re.findall(r'\("(\w+)", (?:summary|lapsing|left)\.', code)) | told_by_sweeps(code)
    by_remediators = set(re.findall(r'Some\("(\w+)"\)', code)) | set(re.findall(r'vec!\[\("(\w+)", 1\)\]', code)) | set(re.findall(r'then_some\("(\w+)"\)', code))
    for alarm in own_alarms(template):
        p = alarm["Properties"]
        [of] = p["Dimensions"]
        assert of["Name"] == dimension
        sent = by_evaluators if of["Value"]["Ref"].startswith("Evaluate") else by_remediators
        assert p["MetricName"] in sent, f"it sends {sorted(sent)}"


def told_by_sweeps(code):
    return set(re.findall(r'"(\w+)"', re.search(r"fn of_sweep\(.*?\n    }", code, re.DOTALL)[0]))


def own_alarms(template):
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    return [alarm for alarm in alarms if not alarm["Properties"]["Namespace"].startswith("AWS/")]


def test_each_day_of_the_alarms_on_what_sweeps_tell_has_a_sweep(template):
    # The longest time between two sweeps must fit into one period of the alarm.
    longest = max(int(hours) for hours in template["Parameters"]["SweepHours"]["AllowedValues"])
    for alarm in own_alarms(template):
        p = alarm["Properties"]
        if not p["Dimensions"][0]["Value"]["Ref"].startswith("Evaluate"):
            continue
        assert p["Period"] >= longest * 3600
        # CloudWatch looks back seven days at most. What is unknown for a day may be known the next.
        least = 2 if p["MetricName"] == "unknown" else 1
        assert least <= p["EvaluationPeriods"] <= 604800 // p["Period"]


def test_silence_is_an_alarm_and_quiet_queues_are_none(template):
    silences = ("SweepSilence", "DirectorySilence")
    for silence in (properties(template, name) for name in silences):
        assert (silence["ComparisonOperator"], silence["TreatMissingData"]) == ("LessThanThreshold", "breaching")
    others = [a["Properties"] for n, a in of_type(template, "AWS::CloudWatch::Alarm").items() if n not in silences]
    assert {(a["ComparisonOperator"], a["TreatMissingData"]) for a in others} == {
        ("GreaterThanThreshold", "notBreaching")
    }


def test_notices_are_encrypted_and_alarms_can_reach_their_topic(template):
    assert properties(template, "Notices")["KmsMasterKeyId"] == "alias/aws/sns"
    # CloudWatch may not use alias/aws/sns: encrypted with it, the topic would swallow every alarm.
    assert "KmsMasterKeyId" not in properties(template, "Alarms")


def widgets(template):
    body = target(template["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    return json.loads(body)["widgets"]


def test_the_dashboard_shows_what_the_code_sends_and_no_other(template):
    code = METRICS.read_text()
    sent = set(re.findall(r'\("(\w+)", (?:judged|summary|lapsing|left|1)', code)) | set(re.findall(r'[Ss]ome\("(\w+)"\)', code))
    sent |= told_by_sweeps(code)
    shown = set()
    for widget in widgets(template):
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], dict):
                named = re.search(r"\{Bailiff,[\w,]+\} MetricName=\"(\w+)\"", metric[0]["expression"])
                shown |= {named[1]} if named else set()
            elif metric[0] == "Bailiff":
                shown.add(metric[1])
    assert shown - sent == set()
    assert {"evaluated", "nonCompliant", "acted", "verified", "failed", "refused", "tripped", "stopped", "partial", "swept"} <= shown


def test_refusals_are_shown_by_the_dimensions_under_which_they_are_counted(template):
    assert '"Dimensions": [["Function", "Guard"]]' in METRICS.read_text()
    assert any("{Bailiff,Function,Guard}" in json.dumps(widget) for widget in widgets(template))
