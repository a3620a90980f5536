"""What a ``CacheControl`` over a cache promises; ``NoCacheControl`` has nothing to switch."""

import pytest

from service.adapters.mongo.client import Database
from service.adapters.mongo.switch import DeploymentSwitch
from service.ports import CacheControl
from tests.contract.marks import MONGODB
from tests.fakes_cache import FakeSlots, FakeSwitch


@pytest.fixture(params=["fake", MONGODB])
def control(request: pytest.FixtureRequest) -> CacheControl:
    if request.param == "fake":
        return FakeSwitch(FakeSlots())
    return DeploymentSwitch(request.getfixturevalue("database"))


async def test_a_fresh_deployment_is_on(control: CacheControl) -> None:
    assert (await control.status()).state == "on"


async def test_asking_changes_nothing(control: CacheControl) -> None:
    assert await control.status() == await control.status()


async def test_it_can_be_switched_off_and_on(control: CacheControl) -> None:
    off = await control.switch(enabled=False)
    seen_off = await control.status()
    on = await control.switch(enabled=True)

    assert (off.state, on.state) == ("off", "on")
    assert seen_off == off
    assert await control.status() == on


async def test_switching_on_and_dropping_move_to_a_new_epoch(control: CacheControl) -> None:
    before = await control.status()
    await control.switch(enabled=False)
    on = await control.switch(enabled=True)
    dropped = await control.drop()

    assert before.epoch < on.epoch < dropped.epoch


async def test_dropping_leaves_the_state(control: CacheControl) -> None:
    await control.switch(enabled=False)

    assert (await control.drop()).state == "off"


@pytest.mark.servers
async def test_until_the_first_read_the_layer_counts_as_off(database: Database) -> None:
    switch = DeploymentSwitch(database)
    before = switch.enabled()
    await switch.start()
    await switch.close()

    assert before is False
    assert switch.enabled()
    assert switch.epoch() == 1


@pytest.mark.servers
async def test_another_process_sees_the_change(database: Database) -> None:
    ours, other = DeploymentSwitch(database), DeploymentSwitch(database)
    await other.status()
    off = await ours.switch(enabled=False)

    assert await other.status() == off
    assert not other.enabled()
    assert other.epoch() == off.epoch


@pytest.mark.servers
async def test_a_process_follows_without_being_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.mongo.switch.POLL_S", 0)
    ours, other = DeploymentSwitch(database), DeploymentSwitch(database)
    await other.start()
    off = await ours.switch(enabled=False)
    while other.enabled():
        await ours.status()
    await other.close()

    assert other.epoch() == off.epoch


@pytest.mark.servers
async def test_an_old_answer_never_undoes_a_newer_epoch(database: Database) -> None:
    switch = DeploymentSwitch(database)
    await switch.drop()
    newest = await switch.drop()
    switch._apply({"enabled": False, "epoch": newest.epoch - 1})

    assert switch.enabled()
    assert switch.epoch() == newest.epoch
