"""Groups of customers: making, changing and removing them, and who is in them."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.utils.text import slugify

from accounts.actors import Actor
from accounts.models import CustomerGroup, User
from accounts.staff import Permission
from shop import paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest

MAX_TITLE = 255
MAX_AT_ONCE = 250

_BY_TITLE = paging.Order("TITLE", "title")
_BY_EMAIL = paging.Order("EMAIL", "email")


class GroupHandleTaken(Refusal):
    """Another group has this handle."""

    code = "HANDLE_TAKEN"

    def __init__(self, handle: str) -> None:
        super().__init__(f'The handle "{handle}" is taken; choose another.', field=("handle",))


class GroupInUse(Refusal):
    """Price lists are meant for the group, and would be for everybody without it."""

    code = "CUSTOMER_GROUP_IN_USE"

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            f"Price lists are meant for this group: {', '.join(titles)}. Change them first.", field=("id",)
        )


class GroupFields(TypedDict, total=False):
    """What may be said of a group. A key left out leaves what there is."""

    title: str | None
    handle: str | None


class NewGroup(TypedDict, total=False):
    """A group to make."""

    title: Required[str]
    handle: str | None


def page(request: PageRequest) -> Page[CustomerGroup]:
    """A page of all groups by title. Raises InvalidPage."""
    return paging.page(CustomerGroup.objects.all(), _BY_TITLE, request, list, lambda row: (row.title, row.pk))


def visible(actor: Actor, group_ids: Sequence[int]) -> dict[int, CustomerGroup]:
    """The groups with these keys, for staff who serve customers; none for anybody else."""
    if not actor.may(Permission.MANAGE_CUSTOMERS):
        return {}
    return CustomerGroup.objects.in_bulk(list(group_ids))


def members(actor: Actor, group_ids: Sequence[int], request: PageRequest) -> dict[int, Page[User]]:
    """A page of each group's members the actor may see, by e-mail address, in one statement. Raises InvalidPage."""
    among = User.objects.visible_to(actor)
    own: Any = {key: among.filter(customer_groups=key).annotate(group=Value(key)) for key in group_ids}
    return paging.pages(own, _BY_EMAIL, request, list, attrgetter("group"), lambda row: (row.email, row.pk))


@transaction.atomic(durable=True)
def create(*, group: NewGroup) -> CustomerGroup:
    """Make a group, with nobody in it. Raises InvalidInput, GroupHandleTaken."""
    made = CustomerGroup()
    with blaming("group"):
        _change(made, {"handle": None, **group})
    return made


@transaction.atomic(durable=True)
def update(*, group_id: int, group: GroupFields) -> CustomerGroup:
    """Change what a group is called. Raises InvalidInput, NotFound, GroupHandleTaken."""
    changed = _locked(group_id, "id")
    with blaming("group"):
        _change(changed, dict(group))
    return changed


@transaction.atomic(durable=True)
def delete(*, group_id: int) -> None:
    """Remove a group; its members stay customers. Raises NotFound, GroupInUse."""
    gone = _locked(group_id, "id")
    meant: Any = gone.price_lists.order_by("title", "pk").values_list("title", flat=True)
    if meant:
        raise GroupInUse(list(meant))
    gone.delete()


@transaction.atomic(durable=True)
def add_members(*, group_id: int, customer_ids: Sequence[int]) -> CustomerGroup:
    """Put customers into a group; who is in it already stays. Raises InvalidInput, NotFound."""
    changed = _locked(group_id, "group_id")
    changed.members.add(*_customers(customer_ids))
    return changed


@transaction.atomic(durable=True)
def remove_members(*, group_id: int, customer_ids: Sequence[int]) -> CustomerGroup:
    """Take customers out of a group; who is not in it stays so. Raises InvalidInput, NotFound."""
    changed = _locked(group_id, "group_id")
    changed.members.remove(*_customers(customer_ids))
    return changed


def _locked(group_id: int, *field: str) -> CustomerGroup:
    found = CustomerGroup.objects.select_for_update().filter(pk=group_id).first()
    if found is None:
        raise NotFound("CustomerGroup", field=field)
    return found


def _change(group: CustomerGroup, said: dict[str, Any]) -> None:
    """Raises InvalidInput, GroupHandleTaken."""
    with together() as check:
        if "title" in said:
            with check("title"):
                group.title = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        if "handle" in said:
            with check("handle"):
                group.handle = said["handle"] or slugify(group.title, allow_unicode=True) or "group"
                if group.handle != slugify(group.handle, allow_unicode=True) or len(group.handle) > MAX_TITLE:
                    raise InvalidInput(
                        'A handle is made of lower-case letters and digits with hyphens between them, such as "trade".'
                    )
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise GroupHandleTaken(group.handle) from error


def _customers(customer_ids: Sequence[int]) -> list[User]:
    """Raises InvalidInput, NotFound."""
    with blaming("customer_ids"):
        if not 1 <= len(customer_ids) <= MAX_AT_ONCE:
            raise InvalidInput(f"Name 1 to {MAX_AT_ONCE} customers; these are {len(customer_ids)}.")
        found = User.objects.in_bulk(list(customer_ids))
        with together() as check:
            for place, key in enumerate(customer_ids):
                with check(place):
                    if key not in found:
                        raise NotFound("Customer")
    return list(found.values())
