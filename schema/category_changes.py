"""Changing the tree of categories: inputs, payloads and mutations, for staff who keep the catalog."""

from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import categories, handles, uploads
from catalog.categories import CategoryFields, NewCategory
from schema import errors, loaders, nodes
from schema.categories import Category
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import ImageInput, SEOInput, given
from schema.nodes import gid
from schema.permissions import Staff
from shop.errors import InvalidInput, Refusal

CategoryErrorCode = errors.code_enum("CategoryErrorCode", "a category", errors.codes_of(categories, handles, uploads))


@strawberry.type(description="Why a category was not made, changed, moved or removed.")
class CategoryUserError(DisplayableError):
    code: CategoryErrorCode = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]

    @classmethod
    def of(cls, refusal: Refusal) -> "CategoryUserError":
        return cls(**errors.parts(refusal, CategoryErrorCode))


@strawberry.input(description="A category to make.")
class CategoryCreateInput:
    title: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among categories and collections: lower-case letters and digits with "
        "hyphens between them. Made from the title where it is left out.",
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The category to stand below; left out or null for a root."
    )
    description: str | None = strawberry.field(
        default=UNSET, description="What is found here, as plain text of at most 50,000 characters."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_active: bool | None = strawberry.field(
        default=UNSET, description="Whether shoppers see it and its branch; they do unless this is false."
    )
    image: ImageInput | None = strawberry.field(default=UNSET, description="A picture for it.")
    max_quantity: int | None = strawberry.field(
        default=UNSET,
        description="The most units of one variant that an order may have of products here and below, 1 to 10,000; a "
        "category below may say otherwise; none where it is left out.",
    )
    tax_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Rule: how its goods, and those below it, are taxed; null takes the rule away."
    )
    shipping_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Rule: how its goods, and those below it, are sent; null takes the rule away."
    )

    def to_domain(self) -> NewCategory:
        fields: dict[str, Any] = given(self)
        if isinstance(self.parent_id, str):
            fields["parent_id"] = nodes.number(self.parent_id, "Category", "category", "parent_id")
        return cast(NewCategory, _decoded(fields))


@strawberry.input(
    description="What is to change of a category. What is left out stays; null puts a field back to its default."
)
class CategoryUpdateInput:
    title: str | None = strawberry.field(
        default=UNSET, description="Its name, on one line of at most 255 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among categories and collections; null makes one from the title. "
        "The old address leads to the new one.",
    )
    description: str | None = strawberry.field(
        default=UNSET, description="What is found here, as plain text of at most 50,000 characters."
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_active: bool | None = strawberry.field(
        default=UNSET,
        description="Whether shoppers see it and its branch. A branch below an inactive one stays hidden.",
    )
    image: ImageInput | None = strawberry.field(default=UNSET, description="A picture for it; null takes it away.")
    max_quantity: int | None = strawberry.field(
        default=UNSET,
        description="The most units of one variant that an order may have of products here and below, 1 to 10,000; a "
        "category below may say otherwise; null takes the rule away.",
    )
    tax_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Rule: how its goods, and those below it, are taxed; null takes the rule away."
    )
    shipping_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Rule: how its goods, and those below it, are sent; null takes the rule away."
    )

    def to_domain(self) -> CategoryFields:
        return cast(CategoryFields, _decoded(given(self)))


def _decoded(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the keys that ids of classes stand for. Raises NotFound."""
    for name, kind in (("tax_class_id", "TaxClass"), ("shipping_class_id", "ShippingClass")):
        if fields.get(name) is not None:
            fields[name] = nodes.number(fields[name], kind, "category", name)
    return fields


@strawberry.type(description="What became of `categoryCreate`.")
class CategoryCreatePayload:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="The new category; null where it was refused."
    )
    user_errors: list[CategoryUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )
    category_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `categoryUpdate`.")
class CategoryUpdatePayload:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="The category as it is now; null where this was refused."
    )
    user_errors: list[CategoryUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    category_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `categoryMove`.")
class CategoryMovePayload:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="The category in its new place; null where this was refused."
    )
    user_errors: list[CategoryUserError] = strawberry.field(
        default_factory=list, description="Why it stayed where it was; empty when all went well."
    )
    category_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `categoryDelete`.")
class CategoryDeletePayload:
    deleted_category_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[CategoryUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class CategoryMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_create(
        self,
        category: Annotated[CategoryCreateInput, strawberry.argument(description="The category to make.")],
    ) -> CategoryCreatePayload:
        """Make a category, the last among its siblings. For staff who manage the catalog."""
        made = categories.create(category=category.to_domain())
        return CategoryCreatePayload(category_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The category to change.")],
        category: Annotated[CategoryUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> CategoryUpdatePayload:
        """Change what is said of a category, and whether its branch is shown. For staff who manage the catalog."""
        changed = categories.update(category_id=nodes.number(id, "Category", "id"), category=category.to_domain())
        return CategoryUpdatePayload(category_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_move(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The category to move, with all below it.")],
        parent_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The category to stand below; null for a root.")
        ] = UNSET,
        before_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The child of that parent to stand before; left out or null for the last."),
        ] = None,
    ) -> CategoryMovePayload:
        """Move a category and its branch to another parent, or to another place among its siblings.

        For staff who manage the catalog.
        """
        if parent_id is UNSET:
            # Left out by mistake, it should not make a root of the category.
            raise InvalidInput("Say below which category it is to stand; null makes it a root.", field=("parent_id",))
        moved = categories.move(
            category_id=nodes.number(id, "Category", "id"),
            parent_id=None if parent_id is None else nodes.number(parent_id, "Category", "parent_id"),
            before_id=None if before_id is None else nodes.number(before_id, "Category", "before_id"),
        )
        return CategoryMovePayload(category_id=moved.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_delete(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The category to remove.")],
    ) -> CategoryDeletePayload:
        """Remove a category and the ones below it, once no product stands there. For staff who manage the catalog."""
        key = nodes.number(id, "Category", "id")
        categories.delete(category_id=key)
        return CategoryDeletePayload(deleted_category_id=gid("Category", key))
