"""Query-protocol XML from plain Python values."""

from xml.sax.saxutils import escape


def element(name: str, value) -> str:
    """A dict becomes child elements, a list `member` elements, None nothing at all."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(element(key, child) for key, child in value.items())
    elif isinstance(value, list):
        inner = "".join(element("member", child) for child in value)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def result(action: str, values: dict):
    """A successful answer of IAM to `action`."""
    body = (
        f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        + element(f"{action}Result", values)
        + "<ResponseMetadata><RequestId>bailiff</RequestId></ResponseMetadata>"
        + f"</{action}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, body.encode()
