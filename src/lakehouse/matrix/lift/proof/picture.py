"""[acts] A chart as a picture, drawn in this process by the extra [chart]; nothing is fetched."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Final

from lakehouse.base.errors import Invalid, Unavailable

INSTALL: Final = "pip install 'lakehouse[chart]'"
VEGA_LITE: Final = "5.21"
"""The newest of the version that charts name; without it they are read as another one."""

SCALE: Final = 2.0
"""Pixels of the picture for one of the chart: sharp on dense screens and when printed."""


def png(chart: Mapping[str, object]) -> bytes:
    """The picture of a Vega-Lite chart. Cost: about a second, and 90 MB on disk for the extra.

    Raises:
        Invalid: it cannot be drawn, or it names data that is not in it.
        Unavailable: the extra is not installed.
    """
    try:
        draw = import_module("vl_convert").vegalite_to_png
    except ImportError as error:
        raise Unavailable("drawing a picture needs the extra [chart]", hint=INSTALL) from error
    try:
        drawn = draw(json.dumps(chart), vl_version=VEGA_LITE, scale=SCALE, allowed_base_urls=[])
    except ValueError as error:
        hint = "a Vega-Lite 5 chart with its data inline"
        raise Invalid("the chart cannot be drawn", hint=hint, cause=str(error)) from error
    return bytes(drawn)
