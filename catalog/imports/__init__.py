"""Import of a catalog from JSON Lines: records are matched by external id, and a second run changes nothing.

`fields` and `records` check what a line says on its own, `tree`, `products` and `content` check it against the shop and
write it, a batch of lines in a transaction. A bad line is reported and skipped; a strict run stops there and leaves the
database as it was. `docs/import.md` describes the form.
"""

from catalog.imports.running import Stopped, Summary, run
from catalog.imports.work import Outcome

__all__ = ["Outcome", "Stopped", "Summary", "run"]
