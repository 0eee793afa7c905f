"""Server certificates, of which ministack knows nothing. They are kept for what a listing tells of them."""

from datetime import datetime, timedelta, timezone

from ministack.core.responses import AccountScopedDict, get_account_id
from ministack.services import iam

from . import xml

_held = AccountScopedDict()


def install(handlers: dict) -> None:
    handlers["UploadServerCertificate"] = upload
    handlers["ListServerCertificates"] = lambda _: xml.result("ListServerCertificates", {
        "ServerCertificateMetadataList": [record["Metadata"] for record in _held.values()], "IsTruncated": "false"})
    handlers["ListServerCertificateTags"] = tags


def upload(parameters):
    name = iam._p(parameters, "ServerCertificateName")
    now = datetime.now(timezone.utc)
    metadata = {
        "Path": "/", "ServerCertificateName": name, "ServerCertificateId": f"ASCA{len(_held):017}",
        "Arn": f"arn:aws:iam::{get_account_id()}:server-certificate/{name}", "UploadDate": moment(now),
        # The text is not read: every certificate is good for a year.
        "Expiration": moment(now + timedelta(days=365)),
    }
    _held[name] = {"Metadata": metadata, "Tags": []}
    return xml.result("UploadServerCertificate", {"ServerCertificateMetadata": metadata})


def tags(parameters):
    record = _held.get(iam._p(parameters, "ServerCertificateName"))
    if record is None:
        return iam._error(404, "NoSuchEntity", "The server certificate cannot be found.")
    return xml.result("ListServerCertificateTags", {"Tags": record["Tags"], "IsTruncated": "false"})


def moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
