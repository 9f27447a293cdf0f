"""Tax classes and shipping classes: kinds of goods that categories name and that rates and methods tell apart."""

from typing import Any, Required, TypedDict, TypeVar

from django.db import IntegrityError, transaction

from catalog import category_rules, handles
from catalog.models import ShippingClass, TaxClass
from shop import paging, text
from shop.errors import NotFound, Refusal, together
from shop.paging import Page, PageRequest

MAX_TITLE = 255

Class = TypeVar("Class", TaxClass, ShippingClass)

_BY_TITLE = paging.Order("CLASSES", "title")


class ClassInUse(Refusal):
    """Categories, or rates, name the class."""

    code = "CLASS_IN_USE"

    def __init__(self, title: str, user: str) -> None:
        super().__init__(f"{user} names {title}; take it away there first.", field=("id",))


class ClassFields(TypedDict, total=False):
    """What may be said of a class. A key left out leaves what there is."""

    title: str | None
    handle: str | None


class NewClass(TypedDict, total=False):
    """A class to make; its handle is made of its title where there is none."""

    title: Required[str]
    handle: str | None


def page(model: type[Class], request: PageRequest) -> Page[Class]:
    """A page of all classes of a kind, by title. Raises InvalidPage."""
    return paging.page(model._default_manager.all(), _BY_TITLE, request, list, lambda row: (row.title, row.pk))


def by_id(model: type[Class], class_ids: list[int]) -> dict[int, Class]:
    """The classes of a kind with these keys."""
    return model._default_manager.in_bulk(class_ids)


def known(model: type[Class], class_id: int | None, field: str) -> int | None:
    """The key, if a class of the kind has it. Raises NotFound."""
    if class_id is not None and not model._default_manager.filter(pk=class_id).exists():
        raise NotFound(model.__name__, field=(field,))
    return class_id


@transaction.atomic(durable=True)
def create(model: type[Class], *, made: NewClass) -> Class:
    """Make a class that nothing is of yet. Raises InvalidInput, HandleTaken."""
    row = model(**_checked(made))
    row.handle = row.handle or handles.made_from(row.title, otherwise="class", among=model._default_manager.all())
    _save(row)
    return row


@transaction.atomic(durable=True)
def update(model: type[Class], *, class_id: int, changed: ClassFields) -> Class:
    """Call a class otherwise. Raises InvalidInput, NotFound, HandleTaken."""
    columns = _checked(changed)
    row = _locked(model, class_id)
    for name, value in columns.items():
        setattr(row, name, value)
    _save(row)
    return row


@transaction.atomic(durable=True)
def delete(model: type[Class], *, class_id: int) -> None:
    """Remove a class that no category and no rate names. Raises NotFound, ClassInUse."""
    row = _locked(model, class_id)
    user = category_rules.using(row).order_by("path").first()
    if user:
        raise ClassInUse(row.title, f"The category {user.title}")
    try:
        with transaction.atomic():
            row.delete()
    except IntegrityError as error:  # its rates are beyond the catalog's sight
        raise ClassInUse(row.title, "A rate") from error


def _checked(said: ClassFields | NewClass) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in said:
            with check("title"):
                columns["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        handle = said.get("handle")
        if handle is not None:
            with check("handle"):
                columns["handle"] = handles.checked(handle)
    return columns


def _save(row: TaxClass | ShippingClass) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise handles.HandleTaken(row.handle) from error


def _locked(model: type[Class], class_id: int) -> Class:
    row = model._default_manager.select_for_update(no_key=True).filter(pk=class_id).first()
    if row is None:
        raise NotFound(model.__name__, field=("id",))
    return row
