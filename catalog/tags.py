"""Tags and product types: the words that products are labelled with, and calling a tag otherwise everywhere at once."""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, TextField, Value

from accounts.actors import Actor
from catalog import search
from catalog.models import CollectionRule, Product
from shop import clock, text
from shop.errors import InvalidInput, NotFound, Refusal

MAX_TAG = 255


class TagInUse(Refusal):
    """The rules of a collection name the tag."""

    code = "TAG_IN_USE"


class Renamed(NamedTuple):
    """A tag as it is called now, and how many products it was changed on."""

    tag: str
    products: int


def of_products(actor: Actor) -> list[str]:
    """The tags of the products the actor may see, each once, in the order of their letters."""
    words = Func(F("tags"), function="unnest", output_field=TextField())
    return sorted(Product.objects.visible_to(actor).annotate(word=words).values_list("word", flat=True).distinct())


def types_of_products(actor: Actor) -> list[str]:
    """The types of the products the actor may see, each once, in the order of their letters."""
    typed = Product.objects.visible_to(actor).exclude(product_type="")
    return sorted(typed.values_list("product_type", flat=True).distinct())


@transaction.atomic(durable=True)
def rename(*, tag: str, name: str) -> Renamed:
    """Call a tag otherwise on all products and in all rules; where there is one of that name, the two become one.

    Raises InvalidInput, NotFound.
    """
    word = text.line(name, limit=MAX_TAG, required=True, field=("name",))
    if word == tag:
        raise InvalidInput("Give it another name than it has.", field=("name",))
    ids = _locked(tag)
    rules = list(CollectionRule.objects.select_for_update().filter(tag=tag).order_by("pk"))
    if not ids and not rules:
        raise NotFound("Tag", field=("tag",))
    having = CollectionRule.objects.filter(tag=word).values_list("collection_id", flat=True)
    # A rule stands once in a collection: one that would say what another says goes.
    CollectionRule.objects.filter(pk__in=[rule.pk for rule in rules], collection__in=list(having)).delete()
    CollectionRule.objects.filter(pk__in=[rule.pk for rule in rules]).update(tag=word)
    _write(ids, tag, word)
    return Renamed(word, len(ids))


@transaction.atomic(durable=True)
def delete(*, tag: str) -> int:
    """Take a tag off all products; how many had it. Raises NotFound, TagInUse."""
    ids = _locked(tag)
    rule = CollectionRule.objects.filter(tag=tag).select_related("collection").order_by("pk").first()
    if rule:
        raise TagInUse(
            f"The rules of the collection {rule.collection.title} name this tag; change those rules first.",
            field=("tag",),
        )
    if not ids:
        raise NotFound("Tag", field=("tag",))
    _write(ids, tag, None)
    return len(ids)


def _locked(tag: str) -> list[int]:
    """The products with this tag, locked until the transaction ends."""
    # No text in the database has this character, and none can be asked for with it.
    if "\0" in tag:
        return []
    tagged = Product.objects.select_for_update(no_key=True).filter(tags__contains=[tag]).order_by("pk")
    return list(tagged.values_list("pk", flat=True))


def _write(ids: Sequence[int], tag: str, word: str | None) -> None:
    kept: models.Expression = Func(F("tags"), Value(tag), function="array_remove", output_field=ArrayField(TextField()))
    chosen = Product.objects.filter(pk__in=ids)
    if word is not None:
        # One that has both keeps the other.
        chosen.filter(tags__contains=[word]).update(tags=kept, updated_at=clock.now())
        kept = Func(F("tags"), Value(tag), Value(word), function="array_replace", output_field=ArrayField(TextField()))
    chosen.filter(tags__contains=[tag]).update(tags=kept, updated_at=clock.now())
    search.refresh(ids)
