"""Changing collections and what stands in them: inputs, payloads and mutations, for staff who keep the catalog."""

from decimal import Decimal
from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import collections, handles, rules, uploads
from catalog.collections import CollectionFields, NewCollection
from catalog.rules import RuleFields, RuleSet
from schema import codes, errors, loaders, nodes
from schema.collections import Collection, CollectionRuleMatch
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import ImageInput, SEOInput, given, meant
from schema.nodes import gid
from schema.permissions import Staff
from shop.errors import Refusal

CollectionErrorCode = errors.code_enum(
    "CollectionErrorCode", "a collection", errors.codes_of(collections, handles, rules, uploads)
)


@strawberry.type(description="Why a collection was not made, changed or removed.")
class CollectionUserError(DisplayableError):
    code: CollectionErrorCode = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]

    @classmethod
    def of(cls, refusal: Refusal) -> "CollectionUserError":
        return cls(**errors.parts(refusal, CollectionErrorCode))


@strawberry.input(description="A price range in one currency; either end may be open, but not both.")
class CollectionRulePriceInput:
    min: Decimal | None = strawberry.field(default=UNSET, description="The lowest price.")
    max: Decimal | None = strawberry.field(default=UNSET, description="The highest price.")
    currency: codes.CurrencyCode | None = strawberry.field(
        default=UNSET, description="The currency of both prices; the shop's own where it is left out."
    )


@strawberry.input(description="A condition that finds products for a collection: give exactly one of its fields.")
class CollectionRuleInput:
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="In this category or anywhere below it."
    )
    tag: str | None = strawberry.field(default=UNSET, description="Labelled so, letter for letter.")
    brand: str | None = strawberry.field(
        default=UNSET, description="Of the brand of this name, in whatever capitals; some product must have it."
    )
    price: CollectionRulePriceInput | None = strawberry.field(
        default=UNSET, description="With a variant in this price range, whatever currency a shopper pays in."
    )
    on_sale: bool | None = strawberry.field(
        default=UNSET, description="With a price that is reduced in the shopper's currency, or without."
    )
    published_within_days: int | None = strawberry.field(
        default=UNSET, description="First offered for sale at most so many times 24 hours ago: 1 to 3650."
    )

    def to_domain(self) -> RuleFields:
        fields: dict[str, Any] = given(self)
        if isinstance(self.category_id, str):
            fields["category_id"] = nodes.number(self.category_id, "Category", "category_id")
        return cast(RuleFields, fields)


@strawberry.input(description="The rules that find the products of a collection.")
class CollectionRuleSetInput:
    match: CollectionRuleMatch = strawberry.field(description="Whether a product has to satisfy all of them or any.")
    rules: list[CollectionRuleInput] = strawberry.field(description="The rules: 1 to 20, none of them twice.")

    def to_domain(self) -> RuleSet:
        return RuleSet(match=self.match.name, rules=meant(self.rules, "collection", "rule_set", "rules"))


@strawberry.input(description="A collection to make.")
class CollectionCreateInput:
    title: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among collections and categories: lower-case letters and digits with "
        "hyphens between them. Made from the title where it is left out.",
    )
    description: str | None = strawberry.field(
        default=UNSET, description="What is found here, as plain text of at most 50,000 characters."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether shoppers see it; they do unless this is false."
    )
    image: ImageInput | None = strawberry.field(default=UNSET, description="A picture for it.")
    product_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Its first products in order, at most 250; more can be added afterwards."
    )

    rule_set: CollectionRuleSetInput | None = strawberry.field(
        default=UNSET, description="Rules that find its products, instead of products put in by hand."
    )

    def to_domain(self) -> NewCollection:
        fields: dict[str, Any] = given(self)
        if isinstance(self.rule_set, CollectionRuleSetInput):
            fields["rule_set"] = self.rule_set.to_domain()
        if isinstance(self.product_ids, list):
            fields["product_ids"] = _keys(self.product_ids, "collection", "product_ids")
        return cast(NewCollection, fields)


@strawberry.input(
    description="What is to change of a collection. What is left out stays; null puts a field back to its default."
)
class CollectionUpdateInput:
    title: str | None = strawberry.field(
        default=UNSET, description="Its name, on one line of at most 255 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among collections and categories; null makes one from the title. "
        "The old address leads to the new one.",
    )
    description: str | None = strawberry.field(
        default=UNSET, description="What is found here, as plain text of at most 50,000 characters."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether shoppers see it.")
    image: ImageInput | None = strawberry.field(default=UNSET, description="A picture for it; null takes it away.")
    rule_set: CollectionRuleSetInput | None = strawberry.field(
        default=UNSET,
        description="Rules that find its products, instead of those it has; refused while products put in by hand "
        "stand there. Null takes the rules away: then it is empty.",
    )

    def to_domain(self) -> CollectionFields:
        fields: dict[str, Any] = given(self)
        if isinstance(self.rule_set, CollectionRuleSetInput):
            fields["rule_set"] = self.rule_set.to_domain()
        return cast(CollectionFields, fields)


@strawberry.type(description="What became of `collectionCreate`.")
class CollectionCreatePayload:
    collection: Collection | None = edge(
        loaders.collections, key="collection_id", description="The new collection; null where it was refused."
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )
    collection_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `collectionUpdate`.")
class CollectionUpdatePayload:
    collection: Collection | None = edge(
        loaders.collections,
        key="collection_id",
        description="The collection as it is now; null where this was refused.",
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    collection_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `collectionDelete`.")
class CollectionDeletePayload:
    deleted_collection_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type(description="What became of `collectionProductsAdd`.")
class CollectionProductsAddPayload:
    collection: Collection | None = edge(
        loaders.collections,
        key="collection_id",
        description="The collection as it is now; null where this was refused.",
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was added; empty when all went well."
    )
    collection_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `collectionProductsRemove`.")
class CollectionProductsRemovePayload:
    collection: Collection | None = edge(
        loaders.collections,
        key="collection_id",
        description="The collection as it is now; null where this was refused.",
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was taken out; empty when all went well."
    )
    collection_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `collectionProductsReorder`.")
class CollectionProductsReorderPayload:
    collection: Collection | None = edge(
        loaders.collections,
        key="collection_id",
        description="The collection as it is now; null where this was refused.",
    )
    user_errors: list[CollectionUserError] = strawberry.field(
        default_factory=list, description="Why the order stayed; empty when all went well."
    )
    collection_id: strawberry.Private[int | None] = None


@strawberry.type
class CollectionMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_create(
        self,
        collection: Annotated[CollectionCreateInput, strawberry.argument(description="The collection to make.")],
    ) -> CollectionCreatePayload:
        """Make a collection. For staff who manage the catalog."""
        made = collections.create(collection=collection.to_domain())
        return CollectionCreatePayload(collection_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The collection to change.")],
        collection: Annotated[CollectionUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> CollectionUpdatePayload:
        """Change what is said of a collection, and whether shoppers see it. For staff who manage the catalog."""
        key = nodes.number(id, "Collection", "id")
        collections.update(collection_id=key, collection=collection.to_domain())
        return CollectionUpdatePayload(collection_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_delete(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The collection to remove.")],
    ) -> CollectionDeletePayload:
        """Remove a collection; its products stay in the shop. For staff who manage the catalog."""
        key = nodes.number(id, "Collection", "id")
        collections.delete(collection_id=key)
        return CollectionDeletePayload(deleted_collection_id=gid("Collection", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_products_add(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The collection to add to.")],
        product_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="The products to put behind those in it, in this order; at most 250."),
        ],
    ) -> CollectionProductsAddPayload:
        """Put products into a collection, behind those that stand there. For staff who manage the catalog."""
        key = nodes.number(id, "Collection", "id")
        collections.add(collection_id=key, product_ids=_keys(product_ids, "product_ids"))
        return CollectionProductsAddPayload(collection_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_products_remove(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The collection to take from.")],
        product_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The products to take out; at most 250.")
        ],
    ) -> CollectionProductsRemovePayload:
        """Take products out of a collection; they stay in the shop. For staff who manage the catalog."""
        key = nodes.number(id, "Collection", "id")
        collections.remove(collection_id=key, product_ids=_keys(product_ids, "product_ids"))
        return CollectionProductsRemovePayload(collection_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def collection_products_reorder(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The collection to put in order.")],
        product_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(
                description="The products to move, in their new order, at most 250; the others keep theirs."
            ),
        ],
        after_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The product to stand behind, one that is not moved; left out or null for the front."
            ),
        ] = None,
    ) -> CollectionProductsReorderPayload:
        """Move products of a collection to the front, or behind another. For staff who manage the catalog."""
        key = nodes.number(id, "Collection", "id")
        collections.reorder(
            collection_id=key,
            product_ids=_keys(product_ids, "product_ids"),
            after_id=None if after_id is None else nodes.number(after_id, "Product", "after_id"),
        )
        return CollectionProductsReorderPayload(collection_id=key)


def _keys(product_ids: list[strawberry.ID], *field: str) -> list[int]:
    return [nodes.number(id, "Product", *field, place) for place, id in enumerate(product_ids)]
