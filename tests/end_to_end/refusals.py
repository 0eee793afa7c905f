"""What AWS says to a caller that it turns away."""

import pytest
from botocore.exceptions import ClientError


def refusal(call, **arguments) -> str:
    """The code of the error that a call must get."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]
