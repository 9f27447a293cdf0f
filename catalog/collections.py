"""Collections: making, changing and removing them, and which products stand in them in what order."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet

from catalog import handles, rules, uploads, wording
from catalog.models import Collection, CollectionProduct, CollectionRule, ListHandle, Product
from catalog.rules import RuleSet
from shop import clock
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_AT_ONCE = 250


class AlreadyInCollection(Refusal):
    """The product stands in the collection already."""

    code = "ALREADY_IN_COLLECTION"

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} stands in this collection already; reorder its products to move it.")


class FoundByRules(Refusal):
    """The products of the collection are found by its rules, not put in by hand."""

    code = "COLLECTION_FOUND_BY_RULES"

    def __init__(self) -> None:
        super().__init__(
            "Rules find the products of this collection; change those, or take the rules away first.", field=("id",)
        )


class HasProducts(Refusal):
    """Products were put into the collection by hand, and rules would hide them."""

    code = "COLLECTION_HAS_PRODUCTS"

    def __init__(self, products: int) -> None:
        held = "1 product was" if products == 1 else f"{products} products were"
        super().__init__(
            f"{held} put into this collection by hand; take them out before you give it rules, or make another "
            "collection.",
            field=("rule_set",),
        )


class NotInCollection(Refusal):
    """The product does not stand in the collection."""

    code = "NOT_IN_COLLECTION"

    def __init__(self) -> None:
        super().__init__("This product does not stand in the collection; add it first.")


class CollectionFields(wording.Changed, total=False):
    """What may be said of a collection. A key left out leaves what there is; None puts back the default."""

    rule_set: RuleSet | None


class NewCollection(wording.New, total=False):
    """A collection to make, with its first products in order, or with rules that find them."""

    rule_set: RuleSet | None
    product_ids: list[int] | None


@uploads.atomic
def create(*, collection: NewCollection) -> Collection:
    """Make a collection. Raises InvalidInput, NotFound, HandleTaken, and what `uploads.read` raises."""
    with blaming("collection"):
        made = Collection(**_columns(collection))
        product_ids = collection.get("product_ids") or []
        rule_set = collection.get("rule_set")
        if product_ids and rule_set:
            raise InvalidInput("A collection has either products or rules; leave out one of them.", field=("rule_set",))
        if product_ids:
            _ensure_few_named_once(product_ids)
            _ensure_known(product_ids)
        found = _rules(rule_set)
        made.handle = _handle_for(made)
        _save(made)
        handles.claim(made.handle, made)
    _append(made, product_ids)
    _write_rules(made, found)
    return made


@uploads.atomic
def update(*, collection_id: int, collection: CollectionFields) -> Collection:
    """Change what is said of a collection.

    Raises InvalidInput, NotFound, HandleTaken, HasProducts, and what `uploads.read` raises.
    """
    with blaming("collection"):
        columns = _columns(collection)
        found = _rules(collection.get("rule_set"))
    changed = locked(collection_id)
    had, showed = changed.handle, changed.image_src
    for name, value in columns.items():
        setattr(changed, name, value)
    if changed.image_src != showed:
        uploads.forget([showed])
    with blaming("collection"):
        if found and (products := _places(changed).count()):
            raise HasProducts(products)
        if "rule_set" in collection:
            _write_rules(changed, found)
        if changed.handle != had:
            changed.handle = _handle_for(changed)
        _save(changed, [*columns, "updated_at"])
        if changed.handle != had:
            handles.claim(changed.handle, changed)
    return changed


@transaction.atomic(durable=True)
def delete(*, collection_id: int) -> None:
    """Remove a collection; its products stay in the shop. Raises NotFound."""
    gone = locked(collection_id)
    uploads.forget([gone.image_src])
    gone.delete()


@transaction.atomic(durable=True)
def add(*, collection_id: int, product_ids: Sequence[int]) -> Collection:
    """Put products behind those in a collection, in this order.

    Raises InvalidInput, NotFound, FoundByRules, AlreadyInCollection.
    """
    _ensure_few_named_once(product_ids)
    changed = _locked_by_hand(collection_id)
    titles = _ensure_known(product_ids)
    held = set(_places(changed).filter(product__in=product_ids).values_list("product_id", flat=True))
    with together() as check:
        for place, product_id in enumerate(product_ids):
            with check("product_ids", place):
                if product_id in held:
                    raise AlreadyInCollection(titles[product_id])
    _append(changed, product_ids)
    _touch(changed)
    return changed


@transaction.atomic(durable=True)
def remove(*, collection_id: int, product_ids: Sequence[int]) -> Collection:
    """Take products out of a collection. Raises InvalidInput, NotFound, FoundByRules, NotInCollection."""
    _ensure_few_named_once(product_ids)
    changed = _locked_by_hand(collection_id)
    _ensure_held(product_ids, _in_order(changed))
    _places(changed).filter(product__in=product_ids).delete()
    _touch(changed)
    return changed


@transaction.atomic(durable=True)
def reorder(*, collection_id: int, product_ids: Sequence[int], after_id: int | None = None) -> Collection:
    """Put these products of a collection behind another, or first, in this order; the others keep theirs.

    Raises InvalidInput, NotFound, FoundByRules, NotInCollection.
    """
    _ensure_few_named_once(product_ids)
    changed = _locked_by_hand(collection_id)
    held = _in_order(changed)
    _ensure_held(product_ids, held)
    moved = set(product_ids)
    others = [product_id for product_id in held if product_id not in moved]
    with blaming("after_id"):
        if after_id in moved:
            raise InvalidInput("This product is to be moved itself; name one that stays.")
        if after_id is not None and after_id not in others:
            raise NotInCollection
    before = 0 if after_id is None else others.index(after_id) + 1
    _number(changed, [*others[:before], *product_ids, *others[before:]])
    _touch(changed)
    return changed


def locked(collection_id: int, field: str = "id") -> Collection:
    """The collection with this key, locked until the transaction ends. Raises NotFound, blaming `field`."""
    found = Collection.objects.select_for_update(no_key=True).filter(pk=collection_id).first()
    if found is None:
        raise NotFound("Collection", field=(field,))
    return found


def _locked_by_hand(collection_id: int) -> Collection:
    """As `locked`, for what only a collection of products put in by hand allows. Raises NotFound, FoundByRules."""
    found = locked(collection_id)
    if found.rule_match:
        raise FoundByRules
    return found


def _columns(collection: CollectionFields | NewCollection) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns = wording.columns(collection)
    if "rule_set" in collection:
        rule_set = collection["rule_set"]
        columns["rule_match"] = rule_set["match"] if rule_set else ""
    return columns


def _handle_for(collection: Collection) -> str:
    """The handle the collection asks for, or one made from its title. Raises HandleTaken."""
    others = ListHandle.objects.all()
    if collection.pk:
        # Not `exclude(collection=…)`: that of a category is null, which is neither this one nor another.
        others = others.exclude(pk__in=ListHandle.objects.filter(collection=collection))
    if not collection.handle:
        return handles.made_from(collection.title, otherwise="collection", among=others)
    if others.filter(handle=collection.handle).exists():
        raise handles.HandleTaken(collection.handle)
    return collection.handle


def _save(collection: Collection, columns: list[str] | None = None) -> None:
    """Raises HandleTaken for a handle that somebody else took since it was looked for."""
    try:
        with transaction.atomic():
            collection.save(update_fields=columns)
    except IntegrityError as error:
        raise handles.HandleTaken(collection.handle) from error


def _rules(rule_set: RuleSet | None) -> list[CollectionRule]:
    """The rules to write. Raises Refusals."""
    if rule_set is None:
        return []
    with blaming("rule_set"):
        return rules.checked(rule_set)


def _write_rules(collection: Collection, found: list[CollectionRule]) -> None:
    """Make these the rules of a collection. Call with it locked."""
    CollectionRule.objects.filter(collection=collection).delete()
    for rule in found:
        rule.collection = collection
    CollectionRule.objects.bulk_create(found)


def _ensure_few_named_once(product_ids: Sequence[int]) -> None:
    """Raises InvalidInput, with each product that is named again blamed by its place."""
    with together() as check:
        with check("product_ids"):
            if not product_ids:
                raise InvalidInput("Name at least one product.")
            if len(product_ids) > MAX_AT_ONCE:
                raise InvalidInput(f"Name {MAX_AT_ONCE} products at the most; these are {len(product_ids)}.")
        seen: set[int] = set()
        for place, product_id in enumerate(product_ids[:MAX_AT_ONCE]):
            with check("product_ids", place):
                if product_id in seen:
                    raise InvalidInput("Name each product once.")
                seen.add(product_id)


def _ensure_known(product_ids: Sequence[int]) -> dict[int, str]:
    """The titles of these products. Raises NotFound."""
    titles = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "title"))
    with together() as check:
        for place, product_id in enumerate(product_ids):
            with check("product_ids", place):
                if product_id not in titles:
                    raise NotFound("Product")
    return titles


def _ensure_held(product_ids: Sequence[int], held: Sequence[int]) -> None:
    """Raises NotFound, NotInCollection."""
    missing = set(product_ids).difference(held)
    known = set(Product.objects.filter(pk__in=missing).values_list("pk", flat=True)) if missing else set()
    with together() as check:
        for place, product_id in enumerate(product_ids):
            with check("product_ids", place):
                if product_id in known:
                    raise NotInCollection
                if product_id in missing:
                    raise NotFound("Product")


def _places(collection: Collection) -> QuerySet[CollectionProduct]:
    return CollectionProduct.objects.filter(collection=collection)


def _in_order(collection: Collection) -> list[int]:
    return list(_places(collection).order_by("position").values_list("product_id", flat=True))


def _append(collection: Collection, product_ids: Sequence[int]) -> None:
    """Put products that are not in it yet behind the others. Call with the collection locked."""
    last = _places(collection).aggregate(last=Max("position"))["last"]
    CollectionProduct.objects.bulk_create(
        CollectionProduct(collection=collection, product_id=product_id, position=position)
        for position, product_id in enumerate(product_ids, start=0 if last is None else last + 1)
    )


def _number(collection: Collection, product_ids: Sequence[int]) -> None:
    """Number all products of a locked collection anew, in this order."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [list(product_ids), collection.pk])


# That no two have the same position is checked at the end of the transaction, so they may pass each other.
_NUMBER = """
UPDATE catalog_collectionproduct SET position = numbered.number - 1
FROM unnest(%s::bigint[]) WITH ORDINALITY AS numbered (product_id, number)
WHERE collection_id = %s AND catalog_collectionproduct.product_id = numbered.product_id
    AND position <> numbered.number - 1
"""


def _touch(collection: Collection) -> None:
    Collection.objects.filter(pk=collection.pk).update(updated_at=clock.now())
