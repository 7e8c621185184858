"""Run the worker as `python -m gradviz.worker`."""

from __future__ import annotations

from gradviz.worker.main import main

if __name__ == "__main__":
    main()
