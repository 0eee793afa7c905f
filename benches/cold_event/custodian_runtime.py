"""Lambda's Python runtime, as small as it can be: loads Cloud Custodian's handler, takes an event, answers.

Runs inside Cloud Custodian's virtual environment. AWS's own runtime does more,
so what is measured here flatters Python.
"""

import json
import os
import sys
from http.client import HTTPConnection

VERSION = "/2018-06-01/runtime"


def main():
    # Lambda starts a function in its own folder, from which it imports first; the handler looks for its policy there.
    task = os.environ["LAMBDA_TASK_ROOT"]
    os.chdir(task)
    sys.path.insert(0, task)
    from custodian_policy import run

    runtime = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    runtime.request("GET", f"{VERSION}/invocation/next")
    invocation = runtime.getresponse()
    event, request_id = json.loads(invocation.read()), invocation.headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        kind, answer = "response", run(event, None)
    except Exception as error:
        kind, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
    runtime.request("POST", f"{VERSION}/invocation/{request_id}/{kind}", json.dumps(answer))
    runtime.getresponse().read()


main()
