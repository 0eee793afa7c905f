"""ministack, started by us, with what a test of Bailiff needs and it lacks.

Inside the emulator's process (started by `serve`):

* `dispatch`      wraps every AWS request: fault injection and the call record
* `routes`        the admin routes under `/_bailiff/`
* `seeding`       what no AWS call can set: dates, last use, unique ids
* `corrections`   where ministack answers unlike AWS and Bailiff would notice
* `authorization_details`, `credential_report`, `paging`, `quotas`, `condition_keys`  the larger ones

In the test's process: `process` starts, stops and talks to it.
"""

# The organisation that every account is in.
ORGANIZATION = "o-a1b2c3d4e5"
