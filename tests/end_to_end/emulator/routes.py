"""The admin routes, in front of ministack's application.

They are no part of AWS and ask for no signature; they exist only in the test
emulator's process.

POST   /_bailiff/seed        {account, users, accessKeys, …}   see `seeding`
GET    /_bailiff/seed        ?account=                         what only the emulator knows
DELETE /_bailiff/keys        ?account=                         forget an account's access keys
POST   /_bailiff/faults      {account, action, …}              see `faults`; answers {id}
GET    /_bailiff/faults      ?account=                         each fault and how often it fired
DELETE /_bailiff/faults      ?account=                         forget them and let held requests go
POST   /_bailiff/release     {id}                              let what a `hold` holds go on
POST   /_bailiff/page-size   {account, items}                  force small pages on IAM lists
POST   /_bailiff/authorise   {accessKeyId, action, resource}   who is it, and may they?
"""

import json
from urllib.parse import parse_qs

from . import authorisation, faults, paging, seeding

ROUTES = {
    ("POST", "seed"): lambda query, body: seeding.apply(body),
    ("GET", "seed"): lambda query, body: seeding.read(query["account"]),
    ("DELETE", "keys"): lambda query, body: seeding.forget_access_keys(query["account"]),
    ("POST", "faults"): lambda query, body: {"id": faults.add(body)},
    ("GET", "faults"): lambda query, body: faults.listing(query["account"]),
    ("DELETE", "faults"): lambda query, body: faults.clear(query["account"]),
    ("POST", "release"): lambda query, body: faults.release(body["id"]),
    ("POST", "page-size"): lambda query, body: paging.force(body["account"], body["items"]),
    ("POST", "authorise"): lambda query, body: authorisation.ask(body),
}

PREFIX = "/_bailiff/"


def in_front_of(application):
    async def with_routes(scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await application(as_if_over_tls(scope), receive, send)
            return
        route = ROUTES.get((scope["method"], scope["path"].removeprefix(PREFIX)))
        body = await read_body(receive)
        if route is None:
            await answer(send, 404, {"error": "no such admin route"})
            return
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        try:
            result = route(query, json.loads(body) if body else {})
        except (KeyError, ValueError, TypeError) as error:
            await answer(send, 400, {"error": f"{type(error).__name__}: {error}"})
            return
        await answer(send, 200, result)

    return with_routes


def as_if_over_tls(scope):
    """Policies that demand `aws:SecureTransport` take the loopback interface for TLS."""
    if scope["type"] != "http":
        return scope
    return scope | {"headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


async def read_body(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send, status: int, result) -> None:
    body = json.dumps(result).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
