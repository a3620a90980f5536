import pytest

from benchmarks.variants.rivals.serve import NoSwitch
from service.errors import NoCacheConfigured
from service.ports import CacheStatus


async def test_without_a_cache_there_is_nothing_to_switch_on() -> None:
    control = NoSwitch()
    with pytest.raises(NoCacheConfigured):
        await control.switch(enabled=True)

    absent = CacheStatus("absent", 0)
    assert await control.status() == absent
    assert await control.switch(enabled=False) == absent
    assert await control.drop() == absent
