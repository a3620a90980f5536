"""Whatever the variant, the same requests get the same answers."""

from tests.e2e.api_client import Api, somebody_new, until
from tests.e2e.conftest import Running
from tests.e2e.trace import Recorder, play


def test_the_same_trace_gets_the_same_answers_from_both_variants(
    pair: tuple[Running, Running],
) -> None:
    ann = somebody_new()
    recorded = []
    admin_token = "" if any(not running.admin_token for running in pair) else pair[0].admin_token
    for running in pair:
        with Recorder(running.url) as recorder:
            play(recorder, ann, admin_token)
            recorded.append(recorder.exchanges)
        if admin_token and running.cached:
            _turn_on(running)
    reference, other = recorded
    statuses = {exchange.partition(" -> ")[2][:3] for exchange in reference}

    assert len(reference) >= 60
    assert statuses == {"200", "201", "401", "403", "404", "405", "409", "412", "413", "415", "422"}
    assert other == reference


def _turn_on(running: Running) -> None:
    """Undo the last step of the trace for the tests that come after."""
    with Api(running.url, running.admin_token) as operator:
        operator.call("PUT", "/admin/cache", {"enabled": True})
        until(lambda: operator.get("/admin/cache").json()["state"] == "on", "turn its cache on")
