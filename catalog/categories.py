"""The tree of categories: making, changing, moving and removing its nodes, one writer at a time."""

from django.db import connection

from shop.errors import Refusal

# Any number will do, as long as nothing else in the shop locks it.
_TREE_LOCK = 0x7EE


class HandleTaken(Refusal):
    """Another category or collection has this handle."""

    code = "HANDLE_TAKEN"

    def __init__(self, handle: str) -> None:
        super().__init__(f'The handle "{handle}" is taken; choose another.', field=("handle",))


def lock_tree() -> None:
    """Make every other writer of the tree wait until this transaction ends; treebeard alone would let two interleave."""
    if not connection.in_atomic_block:
        raise RuntimeError("lock_tree needs a transaction: its lock ends with it.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])
