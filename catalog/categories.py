"""The tree of categories: making, changing, moving and removing its nodes, one writer at a time."""

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from catalog import applying, category_rules, classes, handles, uploads, wording
from catalog.models import Category, CollectionRule, ListHandle, Product, ShippingClass, TaxClass
from shop import clock
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_LEVELS = 255 // Category.steplen

# Any number will do, as long as nothing else in the shop locks it.
_TREE_LOCK = 0x7EE


class MovedUnderItself(Refusal):
    """A category cannot become a part of its own branch."""

    code = "CATEGORY_MOVED_UNDER_ITSELF"

    def __init__(self) -> None:
        super().__init__(
            "A category cannot be moved below itself; choose a parent outside its branch.", field=("parent_id",)
        )


class TooDeep(Refusal):
    """The tree has as many levels as it may have."""

    code = "CATEGORY_TOO_DEEP"

    def __init__(self) -> None:
        super().__init__(
            f"The tree may have {MAX_LEVELS} levels at the most; choose a parent higher up.", field=("parent_id",)
        )


class NotEmpty(Refusal):
    """Products stand in the category or below it, and every product needs a category."""

    code = "CATEGORY_NOT_EMPTY"

    def __init__(self, title: str, products: int) -> None:
        held = "1 product stands" if products == 1 else f"{products} products stand"
        super().__init__(
            f"{held} in {title} or below it, drafts and archived ones included. Move them to another category first, "
            "or make this one inactive to hide its branch.",
            field=("id",),
        )


class NamedInRules(Refusal):
    """Rules of collections find products by the category or one below it."""

    code = "CATEGORY_IN_RULES"

    def __init__(self, title: str, collection: str) -> None:
        super().__init__(
            f"The rules of the collection {collection} name {title} or a category below it; change those rules first.",
            field=("id",),
        )


class CategoryFields(wording.Changed, total=False):
    """What may be said of a category. A key left out leaves what there is; None puts back the default."""

    max_quantity: int | None
    tax_class_id: int | None
    shipping_class_id: int | None


class NewCategory(wording.New, total=False):
    """A category to make, below `parent_id` or as a root."""

    parent_id: int | None
    max_quantity: int | None
    tax_class_id: int | None
    shipping_class_id: int | None


def lock_tree() -> None:
    """Make every other writer of the tree wait until this transaction ends: treebeard alone lets two interleave."""
    _lock("pg_advisory_xact_lock")


def hold_tree() -> None:
    """Keep writers of the tree waiting until this transaction ends; any number may hold it at once.

    Whoever gives a product a category holds the tree first, so that the category cannot go away meanwhile.
    """
    _lock("pg_advisory_xact_lock_shared")


def get(category_id: int, field: str) -> Category:
    """The category with this key. Raises NotFound, blaming `field`."""
    found: Category | None = Category.objects.filter(pk=category_id).first()
    if found is None:
        raise NotFound("Category", field=(field,))
    return found


def existing(category_ids: Collection[int]) -> set[int]:
    """Those of these keys that are a category's."""
    return set(Category.objects.filter(pk__in=category_ids).values_list("pk", flat=True)) if category_ids else set()


@uploads.atomic
def create(*, category: NewCategory) -> Category:
    """Make a category, the last among its siblings.

    Raises InvalidInput, NotFound, HandleTaken, TooDeep, and what `uploads.read` raises.
    """
    with blaming("category"):
        columns = _columns(category)
        lock_tree()
        parent = _parent(category.get("parent_id"), levels_below=1)
        made = Category(**columns, is_listed=columns.get("is_active", True) and (parent is None or parent.is_listed))
        made.handle = _handle_for(made)
        if parent:
            Category.objects.add_child(parent, instance=made)
        else:
            Category.objects.add_root(instance=made)
        handles.claim(made.handle, made)
    category_rules.settle(made.path)
    return made


@uploads.atomic
def update(*, category_id: int, category: CategoryFields) -> Category:
    """Change what is said of a category. Raises InvalidInput, NotFound, HandleTaken, and what `uploads.read` raises."""
    with blaming("category"):
        columns = _columns(category)
    lock_tree()
    changed = get(category_id, "id")
    had, showed = changed.handle, changed.image_src
    for name, value in columns.items():
        setattr(changed, name, value)
    if changed.image_src != showed:
        uploads.forget([showed])
    with blaming("category"):
        if changed.handle != had:
            changed.handle = _handle_for(changed)
        changed.save(update_fields=[*columns, "updated_at"])
        if changed.handle != had:
            handles.claim(changed.handle, changed)
    if "is_active" in columns:
        _list_branch(changed)
    if columns.keys() & set(category_rules.COLUMNS):
        category_rules.settle(changed.path)
    return changed


@transaction.atomic(durable=True)
def move(*, category_id: int, parent_id: int | None, before_id: int | None = None) -> Category:
    """Hang a category and its branch below a parent, or at the top; before a sibling there, or last.

    Raises NotFound, MovedUnderItself, TooDeep, InvalidInput.
    """
    lock_tree()
    moved = get(category_id, "id")
    deepest: int = _branch(moved).aggregate(Max("depth"))["depth__max"]
    parent = _parent(parent_id, levels_below=deepest - moved.depth + 1)
    if parent and parent.path.startswith(moved.path):
        raise MovedUnderItself
    before = None if before_id is None else get(before_id, "before_id")
    if before and (before == moved or before.path[: -Category.steplen] != (parent.path if parent else "")):
        raise InvalidInput("It can only stand before another category with the same parent.", field=("before_id",))
    if before:
        Category.objects.move(moved, before, "left")
    elif parent:
        Category.objects.move(moved, parent, "last-child")
    else:
        Category.objects.move(moved, Category.objects.get_last_root_node(), "last-sibling")
    Category.objects.filter(pk=moved.pk).update(updated_at=clock.now())
    _list_branch(moved)
    moved.refresh_from_db(fields=["path", "depth"])
    applying.refresh_branch(moved.path)
    category_rules.settle(moved.path)
    return moved


@transaction.atomic(durable=True)
def delete(*, category_id: int) -> None:
    """Remove a category and the empty ones below it. Raises NotFound, NotEmpty, NamedInRules."""
    lock_tree()
    gone = get(category_id, "id")
    branch = list(_branch(gone))
    products = Product.objects.below(gone.path).count()
    if products:
        raise NotEmpty(gone.title, products)
    rule = CollectionRule.objects.filter(category__in=branch).select_related("collection").order_by("pk").first()
    if rule:
        raise NamedInRules(gone.title, rule.collection.title)
    uploads.forget(category.image_src for category in branch)
    Category.objects.filter(pk=gone.pk).delete()


def _columns(category: CategoryFields | NewCategory) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        with check():
            columns |= wording.columns(category)
        if "max_quantity" in category:
            with check("max_quantity"):
                columns["max_quantity"] = category_rules.checked(category["max_quantity"])
        if "tax_class_id" in category:
            with check():
                columns["tax_class_id"] = classes.known(TaxClass, category["tax_class_id"], "tax_class_id")
        if "shipping_class_id" in category:
            with check():
                key = category["shipping_class_id"]
                columns["shipping_class_id"] = classes.known(ShippingClass, key, "shipping_class_id")
    return columns


def _handle_for(category: Category) -> str:
    """The handle the category asks for, or one made from its title. Call with the tree locked. Raises HandleTaken."""
    others = ListHandle.objects.exclude(category_id=category.pk) if category.pk else ListHandle.objects.all()
    if not category.handle:
        return handles.made_from(category.title, otherwise="category", among=others)
    if others.filter(handle=category.handle).exists():
        raise handles.HandleTaken(category.handle)
    return category.handle


def _parent(parent_id: int | None, *, levels_below: int) -> Category | None:
    """The category to hang a branch of so many levels below; None for the top. Raises NotFound, TooDeep."""
    parent = None if parent_id is None else get(parent_id, "parent_id")
    if (parent.depth if parent else 0) + levels_below > MAX_LEVELS:
        raise TooDeep
    return parent


def _branch(top: Category) -> QuerySet[Category]:
    """The category and all below it."""
    branch: QuerySet[Category] = Category.objects.filter(path__gte=top.path, path__lt=top.path + "[")
    return branch


def _list_branch(top: Category) -> None:
    """Make `is_listed` true again for the category and all below it: nothing on the way up is inactive."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST_BRANCH, [top.path, top.path])
    top.refresh_from_db(fields=["is_listed"])


_LIST_BRANCH = f"""
WITH truth AS (
    SELECT c.id, NOT EXISTS (
        SELECT 1 FROM generate_series({Category.steplen}, length(c.path), {Category.steplen}) AS size
        JOIN catalog_category a ON a.path = left(c.path, size) AND NOT a.is_active
    ) AS is_listed
    FROM catalog_category c
    WHERE c.path >= %s AND c.path < %s || '['
)
UPDATE catalog_category c SET is_listed = truth.is_listed
FROM truth WHERE truth.id = c.id AND c.is_listed <> truth.is_listed
"""  # noqa: S608  (the interpolated number is a constant of the model)


def _lock(function: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("The lock on the tree needs a transaction: it ends with it.")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_TREE_LOCK])
