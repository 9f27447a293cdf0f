"""Groups of customers: types, queries and mutations, for staff who serve customers."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts import groups
from accounts.groups import GroupFields, NewGroup
from accounts.models import CustomerGroup as StoredGroup
from accounts.models import User
from accounts.staff import Permission
from schema import errors, nodes
from schema.context import Context
from schema.customers import Customer
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from shop.errors import Refusal
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CustomerGroupErrorCode(Enum): ...

else:
    CustomerGroupErrorCode = errors.code_enum("CustomerGroupErrorCode", "a customer group", errors.codes_of(groups))


def customer_groups(context: Context, keys: Sequence[int]) -> list[StoredGroup | None]:
    found = groups.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def members_of_group(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[User]]:
    found = groups.members(context.actor, keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


@strawberry.type(description="Customers to whom the shop may sell by other prices, such as resellers.")
class CustomerGroup(Node):
    handle: str = strawberry.field(description="Its short name for programs, unique among groups.")
    title: str = strawberry.field(description="Its name.")
    members: CountedConnection[Customer] = edge(
        members_of_group, description="Who is in it, by e-mail address, as far as you may see it."
    )
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredGroup) -> "CustomerGroup":
        return cls(id=gid("CustomerGroup", row.pk), handle=row.handle, title=row.title, pk=row.pk)


@strawberry.type(description="Why a customer group was not made or changed.")
class CustomerGroupUserError(DisplayableError):
    code: CustomerGroupErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "CustomerGroupUserError":
        return cls(**errors.parts(refusal, CustomerGroupErrorCode))


@strawberry.input(description="A group to make.")
class CustomerGroupCreateInput:
    title: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET, description="Its short name for programs; made from the title where it is left out."
    )

    def to_domain(self) -> NewGroup:
        return cast(NewGroup, given(self))


@strawberry.input(description="What is to change of a group. What is left out stays.")
class CustomerGroupUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="Its name; it cannot be empty.")
    handle: str | None = strawberry.field(
        default=UNSET, description="Its short name for programs; null makes one from the title."
    )

    def to_domain(self) -> GroupFields:
        return cast(GroupFields, given(self))


@strawberry.type(description="What became of `customerGroupCreate`.")
class CustomerGroupCreatePayload:
    group: CustomerGroup | None = strawberry.field(
        default=None, description="The group as it is now; null where this was refused."
    )
    user_errors: list[CustomerGroupUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `customerGroupUpdate`.")
class CustomerGroupUpdatePayload:
    group: CustomerGroup | None = strawberry.field(
        default=None, description="The group as it is now; null where this was refused."
    )
    user_errors: list[CustomerGroupUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `customerGroupDelete`.")
class CustomerGroupDeletePayload:
    deleted_group_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[CustomerGroupUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type(description="What became of `customerGroupMembersAdd`.")
class CustomerGroupMembersAddPayload:
    group: CustomerGroup | None = strawberry.field(
        default=None, description="The group as it is now; null where this was refused."
    )
    user_errors: list[CustomerGroupUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `customerGroupMembersRemove`.")
class CustomerGroupMembersRemovePayload:
    group: CustomerGroup | None = strawberry.field(
        default=None, description="The group as it is now; null where this was refused."
    )
    user_errors: list[CustomerGroupUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


Group = Annotated[strawberry.ID, strawberry.argument(description="The group.")]
Customers = Annotated[list[strawberry.ID], strawberry.argument(description="The customers: 1 to 250.")]


@strawberry.type
class CustomerGroupQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_groups(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[CustomerGroup]:
        """All groups of customers, by title. For staff who serve customers."""
        return CountedConnection.of(groups.page(PageRequest(first, last, after, before)), CustomerGroup.of)


@strawberry.type
class CustomerGroupMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_group_create(
        self,
        group: Annotated[CustomerGroupCreateInput, strawberry.argument(description="The group to make.")],
    ) -> CustomerGroupCreatePayload:
        """Make a group, with nobody in it. For staff who serve customers."""
        return CustomerGroupCreatePayload(group=CustomerGroup.of(groups.create(group=group.to_domain())))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_group_update(
        self,
        id: Group,
        group: Annotated[CustomerGroupUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> CustomerGroupUpdatePayload:
        """Change what a group is called. For staff who serve customers."""
        changed = groups.update(group_id=nodes.number(id, "CustomerGroup", "id"), group=group.to_domain())
        return CustomerGroupUpdatePayload(group=CustomerGroup.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_group_delete(self, id: Group) -> CustomerGroupDeletePayload:
        """Remove a group for which no price list is meant; its members stay. For staff who serve customers."""
        key = nodes.number(id, "CustomerGroup", "id")
        groups.delete(group_id=key)
        return CustomerGroupDeletePayload(deleted_group_id=gid("CustomerGroup", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_group_members_add(self, group_id: Group, customer_ids: Customers) -> CustomerGroupMembersAddPayload:
        """Put customers into a group. For staff who serve customers."""
        changed = groups.add_members(
            group_id=nodes.number(group_id, "CustomerGroup", "group_id"), customer_ids=_keys(customer_ids)
        )
        return CustomerGroupMembersAddPayload(group=CustomerGroup.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_group_members_remove(
        self, group_id: Group, customer_ids: Customers
    ) -> CustomerGroupMembersRemovePayload:
        """Take customers out of a group. For staff who serve customers."""
        changed = groups.remove_members(
            group_id=nodes.number(group_id, "CustomerGroup", "group_id"), customer_ids=_keys(customer_ids)
        )
        return CustomerGroupMembersRemovePayload(group=CustomerGroup.of(changed))


def _keys(customer_ids: list[strawberry.ID]) -> list[int]:
    return [nodes.number(id, "Customer", "customer_ids", place) for place, id in enumerate(customer_ids)]
