"""What each forked signer has loaded and set up already."""

from __future__ import annotations

import gc

from sqlalchemy.orm import configure_mappers

import workers.signer.__main__  # noqa: F401

configure_mappers()  # of each table: half a second that a fork would spend anew
gc.freeze()  # else each fork copies what the collector touches
