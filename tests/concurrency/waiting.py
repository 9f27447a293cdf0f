"""Wait for what another thread or process will do."""

from collections.abc import Callable
from time import monotonic, sleep

# Seconds that only a broken program exceeds, on a slow machine too.
PATIENCE = 20


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether `holds` becomes true."""
    gives_up_at = monotonic() + PATIENCE
    while not holds():
        if monotonic() > gives_up_at:
            return False
        sleep(0.01)
    return True
