"""One job in a process of its own, on the database of ``DATABASE_URL``: prints its results as JSON.

``python -m tests.bench.worker pages M``
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from tests.bench.places import Place
from tests.bench.sizes import SIZES
from wubu.boot import start_django


def main(job: str, size: str) -> None:
    start_django()
    module = importlib.import_module(f"tests.bench.jobs.{job}")
    results = module.run(Place(os.environ["DATABASE_URL"]), SIZES[size])
    print(json.dumps([r.as_json() for r in results]))


if __name__ == "__main__":
    main(*sys.argv[1:])
