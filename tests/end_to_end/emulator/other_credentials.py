"""SSH public keys, service-specific credentials and signing certificates, of which ministack knows nothing.

They come into being by a seed alone: nothing under test makes one. A record holds UserName, Kind, Status and
CreateDate, and a service-specific credential's its ServiceName and, if it ends by itself, ExpirationDate.
"""

from ministack.core.responses import get_account_id
from ministack.services import iam

from . import xml

# Kind -> the name of a list's members, of an id, and of its date.
KINDS = {
    "SSHPublicKey": ("SSHPublicKeys", "SSHPublicKeyId", "UploadDate"),
    "ServiceSpecificCredential": ("ServiceSpecificCredentials", "ServiceSpecificCredentialId", "CreateDate"),
    "SigningCertificate": ("Certificates", "CertificateId", "UploadDate"),
}
FIELDS = {"UserName", "Kind", "Status", "CreateDate", "ServiceName", "ExpirationDate"}

_held: dict[str, dict[str, dict]] = {}


def seed(credentials: dict) -> None:
    for credential, record in credentials.items():
        unknown = set(record) - FIELDS
        if unknown or record["Kind"] not in KINDS or record["UserName"] not in iam._users:
            raise ValueError(f"{credential} has {sorted(unknown) or 'no such kind or user'}")
        _held.setdefault(get_account_id(), {})[credential] = dict(record)


def of_user(name: str) -> list[tuple[str, dict]]:
    held = _held.get(get_account_id(), {})
    return [(credential, record) for credential, record in held.items() if record["UserName"] == name]


def install(handlers: dict, about_an_existing_user) -> None:
    for kind in KINDS:
        handlers[f"List{kind}s"] = about_an_existing_user(listing(kind))
        handlers[f"Update{kind}"] = about_an_existing_user(update(kind))


def listing(kind: str):
    members, identifier, date = KINDS[kind]

    def handler(parameters):
        shown = [
            {"UserName": record["UserName"], "Status": record["Status"], identifier: credential,
             date: record["CreateDate"], **more(record)}
            for credential, record in asked_for(parameters) if record["Kind"] == kind]
        return xml.result(f"List{kind}s", {members: shown, "IsTruncated": "false"})
    return handler


def asked_for(parameters) -> list[tuple[str, dict]]:
    if iam._p(parameters, "AllUsers") == "true":
        return list(_held.get(get_account_id(), {}).items())
    return of_user(iam._p(parameters, "UserName"))


def more(record: dict) -> dict:
    if record["Kind"] == "SigningCertificate":
        return {"CertificateBody": "-----BEGIN CERTIFICATE-----"}
    if record["Kind"] == "SSHPublicKey":
        return {}
    return {
        "ServiceName": record["ServiceName"], "ServiceUserName": f"{record['UserName']}-at-{get_account_id()}",
        "ExpirationDate": record.get("ExpirationDate")}


def update(kind: str):
    def handler(parameters):
        credential = iam._p(parameters, KINDS[kind][1])
        record = dict(of_user(iam._p(parameters, "UserName"))).get(credential)
        if record is None or record["Kind"] != kind:
            return iam._error(404, "NoSuchEntity", f"The {kind} with id {credential} cannot be found.")
        record["Status"] = iam._p(parameters, "Status")
        return xml.result(f"Update{kind}", {})
    return handler


def certificate_columns(name: str, report_time) -> tuple:
    """The first two of the credential report; of an inactive one it shows no date."""
    columns = [
        ("true", report_time(record["CreateDate"])) if record["Status"] == "Active" else ("false", "N/A")
        for _, record in of_user(name) if record["Kind"] == "SigningCertificate"]
    first, second = [*columns, ("false", "N/A"), ("false", "N/A")][:2]
    return *first, *second
