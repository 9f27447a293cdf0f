"""Defining attributes, giving them to categories, and saying what products are: inputs, payloads and mutations."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import attribute_values, handles
from catalog import attributes as definitions
from catalog.attribute_values import Said
from catalog.attributes import Assignment, AttributeFields, ChoiceFields, NewAttribute, NewChoice
from schema import errors, loaders, nodes
from schema.attribute_inputs import AttributeValueInput
from schema.attributes import AttributeChoice, AttributeDefinition, AttributeKind, choices_by_id, definitions_by_id
from schema.categories import Category
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import given
from schema.nodes import gid
from schema.permissions import Staff
from schema.products import Product
from schema.variants import ProductVariant
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class AttributeErrorCode(Enum): ...

else:
    AttributeErrorCode = errors.code_enum(
        "AttributeErrorCode",
        "attributes or their values",
        errors.codes_of(definitions, attribute_values, handles),
    )


@strawberry.type(description="Why attributes or values were not changed.")
class AttributeUserError(DisplayableError):
    code: AttributeErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "AttributeUserError":
        return cls(**errors.parts(refusal, AttributeErrorCode))


@strawberry.input(description="A value to choose.")
class AttributeChoiceInput:
    label: str = strawberry.field(
        description="The value as shoppers see it, at most 150 characters; no other choice of the attribute has it, "
        "capitals aside."
    )
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name in filters, unique among the choices; made from the label where left out."
    )

    def to_domain(self) -> NewChoice:
        return cast(NewChoice, given(self))


@strawberry.input(description="What is to change of a choice. What is left out stays.")
class AttributeChoiceUpdateInput:
    label: str | None = strawberry.field(
        default=UNSET, description="The value as shoppers see it, at most 150 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name in filters; null makes one from the label."
    )

    def to_domain(self) -> ChoiceFields:
        return cast(ChoiceFields, given(self))


@strawberry.input(description="An attribute to make.")
class AttributeCreateInput:
    name: str = strawberry.field(description="Its name as shoppers see it, at most 100 characters.")
    kind: AttributeKind = strawberry.field(description="What its values are; this never changes.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in filters, unique among attributes: lower-case letters and digits with hyphens between "
        "them. Made from the name where it is left out.",
    )
    unit: str | None = strawberry.field(
        default=UNSET, description="What its numbers count, such as cm; at most 20 characters."
    )
    is_filterable: bool | None = strawberry.field(
        default=UNSET,
        description="Whether lists of products are meant to be narrowed by it; they are not unless this is true, and "
        "cannot be by texts and days.",
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Its place among all attributes; the last where it is left out."
    )
    choices: list[AttributeChoiceInput] | None = strawberry.field(
        default=UNSET, description="What there is to choose from, in order, at most 500."
    )

    def to_domain(self) -> NewAttribute:
        return cast(NewAttribute, given(self))


@strawberry.input(
    description="What is to change of an attribute. What is left out stays; null puts a field back to its default."
)
class AttributeUpdateInput:
    name: str | None = strawberry.field(
        default=UNSET, description="Its name as shoppers see it, at most 100 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name in filters, unique among attributes; null makes one from the name."
    )
    unit: str | None = strawberry.field(
        default=UNSET, description="What its numbers count, such as cm; at most 20 characters."
    )
    is_filterable: bool | None = strawberry.field(
        default=UNSET, description="Whether lists of products are meant to be narrowed by it."
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Its place among all attributes; null leaves it where it is."
    )

    def to_domain(self) -> AttributeFields:
        return cast(AttributeFields, given(self))


@strawberry.input(description="An attribute to give to a category.")
class CategoryAttributeInput:
    attribute_id: strawberry.ID = strawberry.field(description="The attribute.")
    is_required: bool | None = strawberry.field(
        default=UNSET,
        description="Whether a product needs a value before it is offered for sale; where it is left out this stays, "
        "and is false to begin with.",
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Its place among the category's own attributes; where it is left out this stays."
    )


def _definition(description: str) -> Any:
    return edge(definitions_by_id, key="attribute_id", description=description)


def _errors(description: str) -> Any:
    return strawberry.field(default_factory=list, description=description)


@strawberry.type(description="What became of `attributeCreate`.")
class AttributeCreatePayload:
    attribute: AttributeDefinition | None = _definition("The new attribute; null where it was refused.")
    user_errors: list[AttributeUserError] = _errors("Why nothing was made; empty when all went well.")
    attribute_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `attributeUpdate`.")
class AttributeUpdatePayload:
    attribute: AttributeDefinition | None = _definition("The attribute as it is now; null where this was refused.")
    user_errors: list[AttributeUserError] = _errors("Why nothing was changed; empty when all went well.")
    attribute_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `attributeDelete`.")
class AttributeDeletePayload:
    deleted_attribute_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was removed; empty when all went well.")


@strawberry.type(description="What became of `attributeChoicesAdd`.")
class AttributeChoicesAddPayload:
    attribute: AttributeDefinition | None = _definition("The attribute as it is now; null where this was refused.")
    user_errors: list[AttributeUserError] = _errors("Why nothing was added; empty when all went well.")
    attribute_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `attributeChoiceUpdate`.")
class AttributeChoiceUpdatePayload:
    choice: AttributeChoice | None = edge(
        choices_by_id, key="choice_id", description="The choice as it is now; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was changed; empty when all went well.")
    choice_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `attributeChoicesReorder`.")
class AttributeChoicesReorderPayload:
    attribute: AttributeDefinition | None = _definition("The attribute as it is now; null where this was refused.")
    user_errors: list[AttributeUserError] = _errors("Why the order stayed; empty when all went well.")
    attribute_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `attributeChoiceRemove`.")
class AttributeChoiceRemovePayload:
    attribute: AttributeDefinition | None = _definition("The attribute as it is now; null where this was refused.")
    user_errors: list[AttributeUserError] = _errors("Why nothing was removed; empty when all went well.")
    attribute_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `categoryAttributesAssign`.")
class CategoryAttributesAssignPayload:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="The category as it is now; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was given; empty when all went well.")
    category_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `categoryAttributesUnassign`.")
class CategoryAttributesUnassignPayload:
    category: Category | None = edge(
        loaders.categories, key="category_id", description="The category as it is now; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was taken away; empty when all went well.")
    category_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productAttributesSet`.")
class ProductAttributesSetPayload:
    product: Product | None = edge(
        loaders.products, key="product_id", description="The product as it is now; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was changed; empty when all went well.")
    product_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `productVariantAttributesSet`.")
class ProductVariantAttributesSetPayload:
    product_variant: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="The variant as it is now; null where this was refused."
    )
    user_errors: list[AttributeUserError] = _errors("Why nothing was changed; empty when all went well.")
    variant_id: strawberry.Private[int | None] = None


@strawberry.type
class AttributeMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_create(
        self,
        attribute: Annotated[AttributeCreateInput, strawberry.argument(description="The attribute to make.")],
    ) -> AttributeCreatePayload:
        """Define an attribute that products can be described by. For staff who manage the catalog."""
        made = definitions.create(attribute=attribute.to_domain())
        return AttributeCreatePayload(attribute_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The attribute to change.")],
        attribute: Annotated[AttributeUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> AttributeUpdatePayload:
        """Change what is said of an attribute; its kind stays. For staff who manage the catalog."""
        key = nodes.number(id, "AttributeDefinition", "id")
        definitions.update(attribute_id=key, attribute=attribute.to_domain())
        return AttributeUpdatePayload(attribute_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_delete(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The attribute to remove.")],
    ) -> AttributeDeletePayload:
        """Remove an attribute that no category has, and the values kept of it. For staff who manage the catalog."""
        key = nodes.number(id, "AttributeDefinition", "id")
        definitions.delete(attribute_id=key)
        return AttributeDeletePayload(deleted_attribute_id=gid("AttributeDefinition", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_choices_add(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The attribute to add to.")],
        choices: Annotated[
            list[AttributeChoiceInput], strawberry.argument(description="What to put behind the choices there are.")
        ],
    ) -> AttributeChoicesAddPayload:
        """Leave more to choose from. For staff who manage the catalog."""
        key = nodes.number(id, "AttributeDefinition", "id")
        definitions.add_choices(attribute_id=key, choices=[choice.to_domain() for choice in choices])
        return AttributeChoicesAddPayload(attribute_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_choice_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The choice to change.")],
        choice: Annotated[AttributeChoiceUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> AttributeChoiceUpdatePayload:
        """Call a choice otherwise; products that have it keep it. For staff who manage the catalog."""
        changed = definitions.update_choice(
            choice_id=nodes.number(id, "AttributeChoice", "id"), choice=choice.to_domain()
        )
        return AttributeChoiceUpdatePayload(choice_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_choices_reorder(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The attribute whose choices to put in order.")],
        choice_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="The choices to put first, in this order; the others keep theirs."),
        ],
    ) -> AttributeChoicesReorderPayload:
        """Put the choices of an attribute in another order. For staff who manage the catalog."""
        key = nodes.number(id, "AttributeDefinition", "id")
        definitions.reorder_choices(attribute_id=key, choice_ids=_keys(choice_ids, "AttributeChoice", "choice_ids"))
        return AttributeChoicesReorderPayload(attribute_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def attribute_choice_remove(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The choice to remove.")],
    ) -> AttributeChoiceRemovePayload:
        """Take away a choice that no product has. For staff who manage the catalog."""
        attribute = definitions.remove_choice(choice_id=nodes.number(id, "AttributeChoice", "id"))
        return AttributeChoiceRemovePayload(attribute_id=attribute.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_attributes_assign(
        self,
        category_id: Annotated[strawberry.ID, strawberry.argument(description="The category to give them to.")],
        attributes: Annotated[
            list[CategoryAttributeInput],
            strawberry.argument(description="What to give, at most 250; what it has already is changed."),
        ],
    ) -> CategoryAttributesAssignPayload:
        """Have a category and those below it describe products by attributes. For staff who manage the catalog."""
        key = nodes.number(category_id, "Category", "category_id")
        definitions.assign(
            category_id=key, attributes=[_assignment(number, one) for number, one in enumerate(attributes)]
        )
        return CategoryAttributesAssignPayload(category_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def category_attributes_unassign(
        self,
        category_id: Annotated[strawberry.ID, strawberry.argument(description="The category to take them from.")],
        attribute_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="What to take away, at most 250.")
        ],
    ) -> CategoryAttributesUnassignPayload:
        """Take attributes from a category; values that products have of them are kept unseen.

        For staff who manage the catalog.
        """
        key = nodes.number(category_id, "Category", "category_id")
        definitions.unassign(
            category_id=key, attribute_ids=_keys(attribute_ids, "AttributeDefinition", "attribute_ids")
        )
        return CategoryAttributesUnassignPayload(category_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_attributes_set(
        self,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product to describe.")],
        values: Annotated[
            list[AttributeValueInput],
            strawberry.argument(description="What it is, at most 250; attributes not named keep their values."),
        ],
    ) -> ProductAttributesSetPayload:
        """Say what a product is, in all its variants. For staff who manage the catalog."""
        key = nodes.number(product_id, "Product", "product_id")
        attribute_values.set_of_product(product_id=key, values=_said(values))
        return ProductAttributesSetPayload(product_id=key)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_variant_attributes_set(
        self,
        product_variant_id: Annotated[strawberry.ID, strawberry.argument(description="The variant to describe.")],
        values: Annotated[
            list[AttributeValueInput],
            strawberry.argument(description="What it is, at most 250; attributes not named keep their values."),
        ],
    ) -> ProductVariantAttributesSetPayload:
        """Say what one variant is, where variants differ. For staff who manage the catalog."""
        key = nodes.number(product_variant_id, "ProductVariant", "product_variant_id")
        attribute_values.set_of_variant(variant_id=key, values=_said(values))
        return ProductVariantAttributesSetPayload(variant_id=key)


def _keys(ids: list[strawberry.ID], noun: str, *field: str) -> list[int]:
    return [nodes.number(id, noun, *field, place) for place, id in enumerate(ids)]


def _assignment(number: int, one: CategoryAttributeInput) -> Assignment:
    fields: dict[str, Any] = given(one)
    fields["attribute_id"] = nodes.number(one.attribute_id, "AttributeDefinition", "attributes", number, "attribute_id")
    return cast(Assignment, fields)


def _said(values: list[AttributeValueInput]) -> list[Said]:
    return cast("list[Said]", given(values))
