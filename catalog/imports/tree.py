"""Writing categories: the tree is read whole under its lock, changed in memory, and written in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from catalog import applying, categories, category_rules, redirects, uploads
from catalog.imports import classing, copying, giving
from catalog.imports.fields import BadLine, Taken, Unknown
from catalog.imports.records import CategoryRecord
from catalog.imports.work import Line, Outcome, Written
from catalog.models import Category, Collection, ListHandle
from shop import clock

UNCATEGORIZED = CategoryRecord("uncategorized", None, "Uncategorized", "uncategorized", "", None, None)

_MOST_DEPTH = 255 // Category.steplen
_MOST_CHILDREN = len(Category.alphabet) ** Category.steplen - 1
_BATCH = 1000


@dataclass(slots=True, eq=False)
class _Node:
    """A category as the tree needs it; `path` is None where it must be made anew from the parent's."""

    id: int | None
    external_id: str | None
    handle: str
    parent: "_Node | None"
    stored_path: str = ""
    step: int = 0
    is_listed: bool = True
    last_step: int = 0
    children: list["_Node"] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return 1 if self.parent is None else self.parent.depth + 1

    @property
    def path(self) -> str:
        base = "" if self.parent is None else self.parent.path
        return str(Category._get_path(base, self.depth, self.step))

    @property
    def height(self) -> int:
        return 1 + max((child.height for child in self.children), default=0)

    def is_at_or_below(self, other: "_Node") -> bool:
        return self is other or (self.parent is not None and self.parent.is_at_or_below(other))


def write(lines: Sequence[Line[CategoryRecord]]) -> Written:
    """Create, change and move categories. Paths of moved ones are made anew, so that none is ever used twice."""
    categories.lock_tree()
    tree = _Tree()
    ids_ = [line.record.id for line in lines if line.record.id is not None]
    named = Q(external_id__in=ids_) | Q(handle__in=[line.record.handle for line in lines])
    rows: dict[int | None, Category] = {row.pk: row for row in Category.objects.filter(named)}
    written = Written()
    created: list[tuple[_Node, Category]] = []
    changed: list[Category] = []
    given, classes = giving.Given(lines), classing.Classes(lines)
    for line in lines:
        record = line.record
        try:
            tree.check(record)
            given.check(record)
            classes.check(record)
        except BadLine as bad:
            written.refuse(line, bad)
            continue
        node, is_new, is_moved = tree.place(record)
        row = Category(external_id=record.id) if is_new else rows[node.id]
        written.name(redirects.LISTS, row.handle, record.handle)
        is_changed = _fill(row, record, classes.columns(record)) | given.differs(row, record)
        if is_new:
            created.append((node, row))
            written.outcomes[line.number] = Outcome.CREATED
        elif is_changed or is_moved:
            changed.append(row)
            written.outcomes[line.number] = Outcome.UPDATED
        else:
            written.outcomes[line.number] = Outcome.UNCHANGED
    _store(tree, created, changed)
    given.write()
    return written


class _Tree:
    """All categories, and the handles that they and the collections have."""

    def __init__(self) -> None:
        self.roots = _Node(None, None, "", None)
        self.by_id: dict[str, _Node] = {}
        self.all: list[_Node] = []
        self.owners: dict[str, _Node | None] = {}
        self._load()

    def _load(self) -> None:
        by_path: dict[str, _Node] = {}
        rows = Category.objects.order_by("path").values_list("pk", "external_id", "handle", "path", "is_listed")
        for pk, external_id, handle, path, is_listed in rows:
            parent = by_path.get(path[: -Category.steplen])
            step = Category._str2int(path[-Category.steplen :])
            node = _Node(pk, external_id, handle, parent, path, step, is_listed)
            by_path[path] = node
            self._hang(node)
            self.all.append(node)
            self.owners[handle] = node
            if external_id:
                self.by_id[external_id] = node
        for handle in Collection.objects.values_list("handle", flat=True):
            self.owners[handle] = None

    def named(self, name: str) -> _Node | None:
        """The category that has this id, or else this handle."""
        return self.by_id.get(name) or self.owners.get(name)

    def known(self, record: CategoryRecord) -> _Node | None:
        """The category that the record speaks of: by its id, or by its handle where it has none."""
        return self.owners.get(record.handle) if record.id is None else self.by_id.get(record.id)

    def check(self, record: CategoryRecord) -> None:
        """Refuse a record that has no place in the tree. Raises BadLine."""
        node = self.known(record)
        if record.handle in self.owners and (node is None or self.owners[record.handle] is not node):
            reason = f'The slug "{record.handle}" is taken by another category or collection of the shop.'
            raise Taken(reason, "slug")
        parent = None if record.parent is None else self.named(record.parent)
        if record.parent is not None and parent is None:
            reason = f'There is no category "{record.parent}" to be the parent; parents come before their children.'
            raise Unknown(reason, "parent")
        if parent and node and parent.is_at_or_below(node):
            raise BadLine(f'Category "{record.id or record.handle}" cannot be moved below itself.', "parent")
        if (parent.depth if parent else 0) + (node.height if node else 1) > _MOST_DEPTH:
            raise BadLine(f"The tree may have {_MOST_DEPTH} levels at the most.", "parent")
        if (parent or self.roots).last_step >= _MOST_CHILDREN:
            raise BadLine("The parent has no room for another category.", "parent")

    def place(self, record: CategoryRecord) -> tuple[_Node, bool, bool]:
        """The record's node, whether it is new, and whether it was moved."""
        parent = None if record.parent is None else self.named(record.parent)
        node = self.known(record)
        if node is None:
            node = _Node(None, record.id, record.handle, parent, is_listed=parent is None or parent.is_listed)
            self.owners[record.handle] = node
            if record.id is not None:
                self.by_id[record.id] = node
            self._hang(node, at_end=True)
            return node, True, False
        del self.owners[node.handle]
        node.handle = record.handle
        self.owners[record.handle] = node
        if node.parent is parent:
            return node, False, False
        (node.parent or self.roots).children.remove(node)
        node.parent = parent
        self._hang(node, at_end=True)
        return node, False, True

    def _hang(self, node: _Node, *, at_end: bool = False) -> None:
        parent = node.parent or self.roots
        if at_end:
            node.step = parent.last_step + 1
        parent.last_step = max(parent.last_step, node.step)
        parent.children.append(node)


def _fill(row: Category, record: CategoryRecord, classes: Mapping[str, int | None]) -> bool:
    """Give the row what the record says; True if that changed it."""
    wanted: dict[str, Any] = {"title": record.title, "handle": record.handle, "description": record.description}
    wanted |= classes
    if record.is_active is not None:
        wanted["is_active"] = record.is_active
    if record.max_quantity is not None:
        wanted["max_quantity"] = record.max_quantity or None
    if record.seo is not None:
        wanted |= {"seo_title": record.seo.title, "seo_description": record.seo.description}
    if record.image is not None and (record.image.alt is not None or record.image.src != row.image_src):
        uploads.forget([row.image_src] if row.image_src != record.image.src else [])
        wanted |= record.image.columns
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


_WRITTEN = ["title", "handle", "description", "seo_title", "seo_description", "image_src", "image_alt"]
_WRITTEN += ["image_width", "image_height", "is_active", "max_quantity", "tax_class", "shipping_class"]


def _store(tree: _Tree, created: list[tuple[_Node, Category]], changed: list[Category]) -> None:
    moved = [node for node in tree.all if node.path != node.stored_path]
    with connection.cursor() as cursor:
        if moved:
            paths = [node.path for node in moved]
            cursor.execute(_MOVE, [[node.id for node in moved], paths, [node.depth for node in moved]])
    ListHandle.objects.filter(category__in=changed).delete()
    now = clock.now()
    for row in changed:
        row.updated_at = now
    # A handle that changes hands may be refused here; the halves of the batch then go one after the other.
    Category.objects.bulk_update(changed, [*_WRITTEN, "updated_at"], batch_size=_BATCH)
    for node, row in created:
        row.path, row.depth, row.is_listed = node.path, node.depth, node.is_listed
    rows = [row for _, row in created]
    copying.insert(rows)
    ListHandle.objects.bulk_create(
        [ListHandle(handle=row.handle, category=row) for row in (*changed, *rows)], batch_size=_BATCH
    )
    if moved or created:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_CHILDREN)
    if moved or created or changed:
        with connection.cursor() as cursor:
            cursor.execute(_LIST)
        category_rules.settle("")
    if moved:
        applying.refresh_branch("")


_MOVE = """
UPDATE catalog_category c SET path = moved.path, depth = moved.depth
FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS moved(id, path, depth)
WHERE c.id = moved.id
"""

_COUNT_CHILDREN = f"""
UPDATE catalog_category c SET numchild = coalesce(counted.children, 0)
FROM catalog_category c2
LEFT JOIN (
    SELECT left(path, -{Category.steplen}) AS path, count(*) AS children FROM catalog_category GROUP BY 1
) counted USING (path)
WHERE c.id = c2.id AND c.numchild <> coalesce(counted.children, 0)
"""  # noqa: S608  (the interpolated number is a constant of the model)

# A category is listed while neither it nor any category above it is inactive.
_LIST = f"""
WITH truth AS (
    SELECT c.id, NOT EXISTS (
        SELECT 1 FROM generate_series({Category.steplen}, length(c.path), {Category.steplen}) AS size
        JOIN catalog_category a ON a.path = left(c.path, size) AND NOT a.is_active
    ) AS is_listed
    FROM catalog_category c
)
UPDATE catalog_category c SET is_listed = truth.is_listed
FROM truth WHERE truth.id = c.id AND c.is_listed <> truth.is_listed
"""  # noqa: S608


def ids(names: Iterable[str]) -> dict[str, int]:
    """The keys of the categories that have these ids, or else these handles."""
    wanted = set(names)
    by_handle = dict(Category.objects.filter(handle__in=wanted).values_list("handle", "pk"))
    by_id = dict(Category.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    return by_handle | {name: pk for name, pk in by_id.items() if name is not None}
