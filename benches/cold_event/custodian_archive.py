"""Unpacks the archive that Cloud Custodian would upload for a policy: `custodian_archive.py POLICY FOLDER`.

Runs inside Cloud Custodian's virtual environment, and lets its own deployment
code build the archive, so that the function measured is the function deployed.
"""

import io
import json
import sys
import zipfile

from c7n.config import Config
from c7n.mu import PolicyLambda
from c7n.policy import PolicyCollection
from c7n.resources import load_resources


def main(policy: str, folder: str):
    load_resources(("aws.iam-user",))
    options = Config.empty(account_id="111122223333", region="us-east-1")
    (parsed,) = PolicyCollection.from_data({"policies": [json.loads(policy)]}, options)
    zipped = io.BytesIO(PolicyLambda(parsed).get_archive().get_bytes())
    zipfile.ZipFile(zipped).extractall(folder)


main(*sys.argv[1:])
