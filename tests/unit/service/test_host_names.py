import pytest

from service.host_names import is_host_name


@pytest.mark.parametrize(
    "text", ["h", "redis-1.example.com.", "127.0.0.1", "::1", "fe80::1%eth0", "bücher.de", "a" * 63]
)
def test_a_name_or_an_address_can_be_looked_up(text: str) -> None:
    assert is_host_name(text)


@pytest.mark.parametrize(
    "text", ["", "a b", "a/b", "a\0b", "a..b", ".h", "a" * 64, "\udcff"], ids=ascii
)
def test_what_no_name_can_be_is_refused(text: str) -> None:
    assert not is_host_name(text)
