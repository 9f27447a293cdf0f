"""Tax classes and shipping classes: types, queries and mutations, for staff who keep the catalog."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import category_rules, classes, handles, models
from catalog.category_rules import Classes
from catalog.classes import ClassFields, NewClass
from schema import errors, nodes
from schema.context import Context
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from shop.errors import Refusal, blaming
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ClassErrorCode(Enum): ...

else:
    ClassErrorCode = errors.code_enum("ClassErrorCode", "a class", errors.codes_of(classes, handles))


@strawberry.type(description="Goods that are taxed alike; what is of no class bears the standard rate.")
class TaxClass(Node):
    handle: str = strawberry.field(description="Its name for programs, unique among tax classes.")
    title: str = strawberry.field(description="Its name.")

    @classmethod
    def of(cls, row: models.TaxClass) -> "TaxClass":
        return cls(id=gid("TaxClass", row.pk), handle=row.handle, title=row.title)


@strawberry.type(description="Goods that are sent alike, such as what is bulky.")
class ShippingClass(Node):
    handle: str = strawberry.field(description="Its name for programs, unique among shipping classes.")
    title: str = strawberry.field(description="Its name.")

    @classmethod
    def of(cls, row: models.ShippingClass) -> "ShippingClass":
        return cls(id=gid("ShippingClass", row.pk), handle=row.handle, title=row.title)


def tax_classes_by_id(_: Context, keys: Sequence[int]) -> list[models.TaxClass | None]:
    found = classes.by_id(models.TaxClass, list(keys))
    return [found.get(key) for key in keys]


def shipping_classes_by_id(_: Context, keys: Sequence[int]) -> list[models.ShippingClass | None]:
    found = classes.by_id(models.ShippingClass, list(keys))
    return [found.get(key) for key in keys]


def classes_of_category(context: Context, keys: Sequence[int]) -> list[Classes | None]:
    found = category_rules.classes_of(keys)
    return [found.get(key) for key in keys]


@strawberry.type(description="Why a class was not made, changed or removed.")
class ClassUserError(DisplayableError):
    code: ClassErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ClassUserError":
        return cls(**errors.parts(refusal, ClassErrorCode))


@strawberry.input(description="A class to make.")
class ClassCreateInput:
    title: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name for programs: lower-case letters and digits with hyphens between them. Made from the "
        "title where it is left out.",
    )

    def to_domain(self) -> NewClass:
        return cast(NewClass, given(self))


@strawberry.input(description="What is to change of a class. What is left out stays.")
class ClassUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="Its name; it cannot be empty.")
    handle: str | None = strawberry.field(default=UNSET, description="Its name for programs; null leaves it.")

    def to_domain(self) -> ClassFields:
        return cast(ClassFields, given(self))


ClassId = Annotated[strawberry.ID, strawberry.argument(description="The class.")]


@strawberry.type
class ClassPayload:
    user_errors: list[ClassUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `taxClassCreate`.")
class TaxClassCreatePayload(ClassPayload):
    tax_class: TaxClass | None = strawberry.field(default=None, description="The new class; null where it was refused.")


@strawberry.type(description="What became of `taxClassUpdate`.")
class TaxClassUpdatePayload(ClassPayload):
    tax_class: TaxClass | None = strawberry.field(
        default=None, description="The class as it is now; null where this was refused."
    )


@strawberry.type(description="What became of `taxClassDelete`.")
class TaxClassDeletePayload(ClassPayload):
    deleted_tax_class_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )


@strawberry.type(description="What became of `shippingClassCreate`.")
class ShippingClassCreatePayload(ClassPayload):
    shipping_class: ShippingClass | None = strawberry.field(
        default=None, description="The new class; null where it was refused."
    )


@strawberry.type(description="What became of `shippingClassUpdate`.")
class ShippingClassUpdatePayload(ClassPayload):
    shipping_class: ShippingClass | None = strawberry.field(
        default=None, description="The class as it is now; null where this was refused."
    )


@strawberry.type(description="What became of `shippingClassDelete`.")
class ShippingClassDeletePayload(ClassPayload):
    deleted_shipping_class_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )


@strawberry.type
class ClassQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_classes(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[TaxClass]:
        """All tax classes, by title. For staff who manage the catalog."""
        page = classes.page(models.TaxClass, PageRequest(first, last, after, before))
        return CountedConnection.of(page, TaxClass.of)

    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_classes(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[ShippingClass]:
        """All shipping classes, by title. For staff who manage the catalog."""
        page = classes.page(models.ShippingClass, PageRequest(first, last, after, before))
        return CountedConnection.of(page, ShippingClass.of)


@strawberry.type
class ClassMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_class_create(
        self, tax_class: Annotated[ClassCreateInput, strawberry.argument(description="The class to make.")]
    ) -> TaxClassCreatePayload:
        """Make a tax class for categories to name. For staff who manage the catalog."""
        with blaming("tax_class"):
            made = classes.create(models.TaxClass, made=tax_class.to_domain())
        return TaxClassCreatePayload(tax_class=TaxClass.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_class_update(
        self,
        id: ClassId,
        tax_class: Annotated[ClassUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> TaxClassUpdatePayload:
        """Call a tax class otherwise. For staff who manage the catalog."""
        key = nodes.number(id, "TaxClass", "id")
        with blaming("tax_class"):
            changed = classes.update(models.TaxClass, class_id=key, changed=tax_class.to_domain())
        return TaxClassUpdatePayload(tax_class=TaxClass.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_class_delete(self, id: ClassId) -> TaxClassDeletePayload:
        """Remove a tax class that nothing names. For staff who manage the catalog."""
        classes.delete(models.TaxClass, class_id=nodes.number(id, "TaxClass", "id"))
        return TaxClassDeletePayload(deleted_tax_class_id=id)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_class_create(
        self, shipping_class: Annotated[ClassCreateInput, strawberry.argument(description="The class to make.")]
    ) -> ShippingClassCreatePayload:
        """Make a shipping class for categories to name. For staff who manage the catalog."""
        with blaming("shipping_class"):
            made = classes.create(models.ShippingClass, made=shipping_class.to_domain())
        return ShippingClassCreatePayload(shipping_class=ShippingClass.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_class_update(
        self,
        id: ClassId,
        shipping_class: Annotated[ClassUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> ShippingClassUpdatePayload:
        """Call a shipping class otherwise. For staff who manage the catalog."""
        key = nodes.number(id, "ShippingClass", "id")
        with blaming("shipping_class"):
            changed = classes.update(models.ShippingClass, class_id=key, changed=shipping_class.to_domain())
        return ShippingClassUpdatePayload(shipping_class=ShippingClass.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_class_delete(self, id: ClassId) -> ShippingClassDeletePayload:
        """Remove a shipping class that nothing names. For staff who manage the catalog."""
        classes.delete(models.ShippingClass, class_id=nodes.number(id, "ShippingClass", "id"))
        return ShippingClassDeletePayload(deleted_shipping_class_id=id)
