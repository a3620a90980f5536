import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import benchmarks
from benchmarks.variants.registry import (
    EXTRA,
    REFERENCE,
    VARIANTS,
    Variant,
    installed_version,
    missing_packages,
)

PROJECT = Path(benchmarks.__file__).parents[1] / "pyproject.toml"


def test_every_name_fits_a_database() -> None:
    assert [name for name in VARIANTS if not re.fullmatch("[a-z+-]{1,24}", name)] == []


def test_the_extra_installs_the_packages_of_every_variant() -> None:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    installed = {re.split(r"[\[>=]", requirement)[0] for requirement in extras[EXTRA]}

    assert {name for variant in VARIANTS.values() for name in variant.packages} == installed


def test_a_package_that_is_not_installed_is_named() -> None:
    variant = Variant(name="x", description="x", uses_redis=True, packages=("redis", "no-such-one"))

    assert missing_packages(VARIANTS[REFERENCE]) == ()
    assert missing_packages(variant) == ("no-such-one",)
    assert installed_version("redis") == version("redis")
    assert installed_version("no-such-one") is None
