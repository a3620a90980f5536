import json
import sys
from pathlib import Path

import pytest

from benchmarks.notebook.execute import _manager


def test_the_kernel_is_that_of_this_interpreter_whatever_else_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["/elsewhere/python"], "display_name": "Python 3", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    found = _manager().kernel_spec

    assert found is not None
    assert found.argv[0] == sys.executable
