"""[acts] The machine a run took place on: figures without it mean little."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("lakehouse", "duckdb", "pyarrow", "pyiceberg", "faiss-cpu", "onnxruntime", "tantivy")


def facts() -> dict[str, object]:
    """Processor, cores, memory, load before the run, and versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
