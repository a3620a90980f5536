"""Print packages and what they need as uv.lock has them: ``python pinned.py uv hatchling``."""

# ruff: noqa: INP001 - a script of the images, in no package
import sys
import tomllib
from pathlib import Path


def requirements(lock: Path, wanted: list[str]) -> list[str]:
    """Return a line with version and hashes for each package that is needed, in any order."""
    locked = {package["name"]: package for package in tomllib.loads(lock.read_text())["package"]}
    needed: dict[str, str] = {}
    while wanted:
        package = locked[wanted.pop()]
        hashes = [f"--hash={wheel['hash']}" for wheel in package["wheels"]]
        needed[package["name"]] = f"{package['name']}=={package['version']} {' '.join(hashes)}"
        others = (each["name"] for each in package.get("dependencies", []))
        wanted += [name for name in others if name not in needed]
    return list(needed.values())


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path("uv.lock"), sys.argv[1:])) + "\n")
