"""Handles: the names of things in URLs. Categories and collections share theirs: `collection(handle)` reads both."""

from itertools import count
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.utils.text import slugify

from catalog import redirects
from catalog.models import Category, Collection, ListHandle, Translation
from shop.errors import InvalidInput, Refusal

MAX_LENGTH = 255
_ROOM_FOR_NUMBER = 15
_LISTS: tuple[type[Model], ...] = (Category, Collection)


class HandleTaken(Refusal):
    """Another of the same kind has this handle; categories and collections count as one kind."""

    code = "HANDLE_TAKEN"

    def __init__(self, handle: str, *, field: str = "handle") -> None:
        super().__init__(f'The handle "{handle}" is taken; choose another.', field=(field,))


def checked(handle: str) -> str:
    """`handle`, if it can stand in a URL as it is. Raises InvalidInput."""
    if len(handle) > MAX_LENGTH:
        raise InvalidInput(f"A handle has {MAX_LENGTH} characters at the most; this one has {len(handle)}.")
    if not handle or handle != _slug(handle):
        raise InvalidInput(
            "A handle is made of lower-case letters and digits, with single hyphens or underscores between them, "
            'such as "wool-socks".'
        )
    return handle


def made_from(title: str, *, otherwise: str, among: QuerySet[Any]) -> str:
    """A handle that says `title` and that none of `among` has, with a number if need be; `otherwise` says the rest.

    Call inside a transaction: until it ends, nobody else is given a handle made from the same words.
    """
    base = _base(title, otherwise)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", [among.model.__name__, base])
    own, told = among.filter(handle__startswith=base), Translation.objects.filter(handle__startswith=base)
    taken = set(own.values_list("handle", flat=True).union(told.values_list("handle", flat=True)))
    return _free(base, taken)


def made_beside(title: str, *, otherwise: str, taken: set[str]) -> str:
    """As `made_from`, but beside handles that the caller knows, and that nobody else can add to."""
    return _free(_base(title, otherwise), taken)


def ensure_untranslated(handle: str, owner: Model) -> None:
    """Refuse a handle that another of the kind has in some language: there the two would be one. Raises HandleTaken.

    Call inside a transaction: until it ends, nothing of the kind is given this handle in any language.
    """
    hold(handle)
    kinds = _LISTS if isinstance(owner, Category | Collection) else (type(owner),)
    for kind in kinds:
        others = Translation.objects.filter(handle=handle, **{f"{kind._meta.model_name}__isnull": False})
        if isinstance(owner, kind) and owner.pk is not None:
            others = others.exclude(**{f"{kind._meta.model_name}_id": owner.pk})
        if others.exists():
            raise HandleTaken(handle)


def hold(handle: str) -> None:
    """Have everybody wait who gives something this handle or translates one to it. Call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('handle'), hashtext(%s))", [handle])


def claim(handle: str, owner: Category | Collection) -> None:
    """Make `handle` the name of this list alone, and lead from the one it had to it. Raises HandleTaken."""
    ensure_untranslated(handle, owner)
    named = {"category": owner} if isinstance(owner, Category) else {"collection": owner}
    had = ListHandle.objects.filter(**named).values_list("handle", flat=True).first()
    try:
        with transaction.atomic():
            ListHandle.objects.filter(**named).delete()
            ListHandle.objects.create(handle=handle, **named)
    except IntegrityError as error:
        raise HandleTaken(handle) from error
    redirects.renamed(redirects.LISTS, had, handle)


def _base(title: str, otherwise: str) -> str:
    return _slug(title)[: MAX_LENGTH - _ROOM_FOR_NUMBER].rstrip("-_") or otherwise


def _free(base: str, taken: set[str]) -> str:
    numbered = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(handle for handle in numbered if handle not in taken)


def _slug(text: str) -> str:
    return slugify(text, allow_unicode=True)
