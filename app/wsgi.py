"""The web application as the server loads it, once in each of its worker processes."""

from __future__ import annotations

import gc
import signal

from app import create_app
from app.lifeline import die_with_parent

die_with_parent(signal.SIGKILL)  # or workers of a killed server would go on serving its port
application = create_app()
gc.collect()
gc.freeze()  # what is loaded stays: it need not be looked through for garbage again and again
