"""A program in place of Locust: it hands over samples that were prepared, and does what it is told.

``python -S fake_locust.py FOLDER MODE ...`` imports little, as it is started for almost every test
of a load.
"""

import json
import sys
from pathlib import Path


def main(prepared: Path, mode: str) -> int:
    """Do what Locust would, at once: write samples and totals."""
    for number, file in enumerate(sorted(prepared.iterdir())):
        file.rename(
            Path(sys.argv[sys.argv.index("--samples-dir") + 1]) / f"samples-{number}.csv.gz"
        )
    if "--json-file" in sys.argv:
        stats = [{"name": "cached: list", "num_requests": 9, "num_failures": int(mode == "lost")}]
        file = Path(sys.argv[sys.argv.index("--json-file") + 1])
        file.with_suffix(".json").write_text(json.dumps(stats))
    if mode == "broken":
        sys.stderr.write("Locust fell over\n")
    return 2 if mode == "broken" else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
