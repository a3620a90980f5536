"""What the attacks of this folder share: how long they go on, and what they are drawn from."""

import os

SEED = 20_260_131
ADMIN_TOKEN = "the-operator's-token-of-these-tests"
LONG = os.environ.get("FUZZ_PROFILE") == "long"
