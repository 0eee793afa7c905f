"""The credential report with real columns.

ministack's report says N/A for every last use and for the password's dates.
AWS makes a report in the background and repeats one that is younger than four
hours; here it is made at once and never repeated, because a test has no four
hours. The first GenerateCredentialReport answers STARTED, so that a caller
which does not ask again is caught.
"""

import base64
import csv
import io

from ministack.services import iam

from . import other_credentials, xml

KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{number}_{column}" for number in (1, 2) for column in KEY_COLUMNS),
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated", "additional_credentials_info",
)
NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")
NO_CERTIFICATES = ("false", "N/A", "false", "N/A")
# The account is as old as the oldest thing a test plants.
ROOT_CREATED = "2015-01-01T00:00:00+00:00"


def generate(parameters):
    started = iam._credential_reports.get("report") is not None
    iam._credential_reports["report"] = {"content": build(), "generated_time": iam._now()}
    if started:
        return xml.result("GenerateCredentialReport", {"State": "COMPLETE"})
    return xml.result("GenerateCredentialReport", {
        "State": "STARTED", "Description": "No report exists. Starting a new report generation task"})


def get(parameters):
    report = iam._credential_reports.get("report")
    if report is None:
        return iam._error(410, "ReportNotPresent", "No report has been generated for this account.")
    return xml.result("GetCredentialReport", {
        "Content": base64.b64encode(report["content"].encode()).decode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": report["generated_time"],
    })


def build() -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    account = iam.get_account_id()
    rows.writerow((
        "<root_account>", f"arn:aws:iam::{account}:root", ROOT_CREATED, "not_supported", "no_information",
        "not_supported", "not_supported", "true", *NO_KEY, *NO_KEY, *NO_CERTIFICATES, ""))
    with_mfa = {device.get("User") for device in iam._mfa_devices.values()}
    keys_of: dict[str, list] = {}
    for record in iam._access_keys.values():
        keys_of.setdefault(record["UserName"], []).append(record)
    for name, user in iam._users.items():
        keys = sorted(keys_of.get(name, []), key=lambda record: record["CreateDate"])
        first_two = [*map(key_columns, keys[:2]), NO_KEY, NO_KEY][:2]
        rows.writerow((
            name, user["Arn"], report_time(user["CreateDate"]), *password_columns(name, user),
            "true" if name in with_mfa else "false", *first_two[0], *first_two[1],
            *other_credentials.certificate_columns(name, report_time), ""))
    return text.getvalue().rstrip("\n")


def password_columns(name: str, user: dict) -> tuple:
    profile = iam._login_profiles.get(name)
    if profile is None:
        return "false", "N/A", "N/A", "N/A"
    used = user.get("PasswordLastUsed")
    return "true", report_time(used) if used else "no_information", report_time(profile["CreateDate"]), "N/A"


def key_columns(key: dict) -> tuple:
    active = "true" if key["Status"] == "Active" else "false"
    rotated = report_time(key.get("StatusChanged") or key["CreateDate"])
    used = key.get("LastUsed")
    if not used:
        return active, rotated, "N/A", "N/A", "N/A"
    return active, rotated, report_time(used["LastUsedDate"]), used["Region"], used["ServiceName"]


def report_time(time: str) -> str:
    """The report writes its zone as an offset, unlike every other answer of IAM."""
    return time.removesuffix("Z") + "+00:00"
