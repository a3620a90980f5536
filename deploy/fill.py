"""Give each named database of ``MONGODB_URL`` users to begin with, unless it has some."""

# ruff: noqa: INP001 - a script of the images, in no package
import os
import sys

from benchmarks.stack.dataset import example_data, fill_if_empty

if __name__ == "__main__":
    for name in sys.argv[1:]:
        fill_if_empty(os.environ["MONGODB_URL"], name, example_data())
