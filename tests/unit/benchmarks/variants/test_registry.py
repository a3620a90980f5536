import importlib.util
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import benchmarks
from benchmarks.variants.registry import (
    DEFAULT,
    EXTRA,
    REFERENCE,
    VARIANTS,
    Variant,
    installed_version,
    missing_packages,
)

PROJECT = Path(benchmarks.__file__).parents[1] / "pyproject.toml"


def test_there_is_one_reference_and_one_ceiling() -> None:
    kinds = [variant.kind for variant in VARIANTS.values()]

    assert VARIANTS[REFERENCE].kind == "reference"
    assert (kinds.count("reference"), kinds.count("ceiling")) == (1, 1)


def test_by_default_ours_is_compared_with_the_reference() -> None:
    assert [VARIANTS[name].kind for name in DEFAULT] == ["reference", "ours"]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_every_variant_has_a_module_that_can_be_run(variant: Variant) -> None:
    spec = importlib.util.find_spec(variant.module)
    assert spec is not None
    if spec.submodule_search_locations is not None:
        assert importlib.util.find_spec(f"{variant.module}.__main__") is not None


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_name_fits_into_that_of_a_database(variant: Variant) -> None:
    assert re.fullmatch("[a-z+-]{1,24}", variant.name)


def test_the_extra_installs_the_packages_of_every_variant() -> None:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    installed = {re.split(r"[\[>=]", requirement)[0] for requirement in extras[EXTRA]}

    assert {name for variant in VARIANTS.values() for name in variant.packages} == installed


def test_what_is_installed_is_not_missing() -> None:
    assert missing_packages(VARIANTS[REFERENCE]) == ()
    assert installed_version("redis") == version("redis")


def test_a_package_that_is_not_installed_is_named() -> None:
    variant = Variant(
        name="x", description="x", uses_redis=True, packages=("redis", "no-such-package-of-ours")
    )

    assert missing_packages(variant) == ("no-such-package-of-ours",)
    assert installed_version("no-such-package-of-ours") is None
