"""A Lambda function that does what its event tells it, to prove the harness before and beside Bailiff's own.

{"calls": [["iam", "list_users", {}], …]}  make these calls, answer with each result or error code
{"raise": "why"}                           fail the invocation
{"environment": true}                      answer with the environment
{"sleep": seconds}                         take this long
{"Records": […]}                           an SQS batch: each body is one of the above; `raise` fails that message only
"""

import json
import os
import time
import urllib.request

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"


def main():
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/invocation/next") as request:
            invocation = request.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(request)
        try:
            post(f"invocation/{invocation}/response", handle(event))
        except Exception as error:
            post(f"invocation/{invocation}/error", {"errorType": type(error).__name__, "errorMessage": str(error)})


def post(path, body):
    data = json.dumps(body, default=str).encode()
    urllib.request.urlopen(urllib.request.Request(f"{RUNTIME}/{path}", data=data, method="POST")).close()


def handle(event):
    if "Records" not in event:
        return obey(event)
    failures = []
    for record in event["Records"]:
        try:
            obey(json.loads(record["body"]))
        except Exception as error:
            print(f"message {record['messageId']} failed: {error}", flush=True)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def obey(order):
    print(json.dumps({"order": order}), flush=True)
    time.sleep(order.get("sleep", 0))
    if "raise" in order:
        raise RuntimeError(order["raise"])
    answer = {"pid": os.getpid(), "results": [call(*each) for each in order.get("calls", [])]}
    if order.get("environment"):
        answer["environment"] = dict(os.environ)
    return answer


def call(service, method, arguments):
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    client = boto3.client(service, config=Config(retries={"total_max_attempts": 1}))
    try:
        result = getattr(client, method)(**arguments)
    except ClientError as error:
        return {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    result.pop("ResponseMetadata")
    return {"result": result}


main()
