"""Redirects from old addresses: types, the query storefronts ask, and mutations for staff who keep the catalog."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import models, redirects
from catalog.redirects import RedirectFields
from schema import errors, nodes
from schema.context import Context
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last
from schema.permissions import Staff
from shop.errors import InvalidInput, Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class UrlRedirectErrorCode(Enum): ...

else:
    UrlRedirectErrorCode = errors.code_enum("UrlRedirectErrorCode", "a redirect", errors.codes_of(redirects))

_QUERY = re.compile(r'\s*path:\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>\S*))\s*')


@strawberry.type(description="An old address that leads to a new one.")
class UrlRedirect(Node):
    path: str = strawberry.field(description="The old path.")
    target: str = strawberry.field(description="Where it leads now: a path of the storefront, or an absolute URL.")

    @classmethod
    def of(cls, row: models.UrlRedirect) -> "UrlRedirect":
        return cls(id=gid("UrlRedirect", row.pk), path=row.path, target=row.target)


def redirects_by_id(context: Context, keys: Sequence[int]) -> list[models.UrlRedirect | None]:
    found = redirects.by_id(keys)
    return [found.get(key) for key in keys]


@strawberry.type(description="Why a redirect was not made, changed or removed.")
class UrlRedirectUserError(DisplayableError):
    code: UrlRedirectErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "UrlRedirectUserError":
        return cls(**errors.parts(refusal, UrlRedirectErrorCode))


@strawberry.input(description="A redirect to make.")
class UrlRedirectCreateInput:
    path: str = strawberry.field(
        description="The old path, such as `/products/old-mug`: at most 500 characters, without `?` and `#`. Nothing "
        "of the shop may have this address."
    )
    target: str = strawberry.field(
        description="Where it leads: a path of the same form, or an absolute URL. A target that leads on itself is "
        "replaced by the end of its way."
    )


@strawberry.input(description="What is to change of a redirect. What is left out stays.")
class UrlRedirectUpdateInput:
    path: str | None = strawberry.field(
        default=UNSET, description="The old path: at most 500 characters, without `?` and `#`; it cannot be empty."
    )
    target: str | None = strawberry.field(
        default=UNSET, description="Where it leads: a path, or an absolute URL; it cannot be empty."
    )

    def to_domain(self) -> RedirectFields:
        return cast(RedirectFields, given(self))


@strawberry.type(description="What became of `urlRedirectCreate`.")
class UrlRedirectCreatePayload:
    url_redirect: UrlRedirect | None = strawberry.field(
        default=None, description="The new redirect; null where it was refused."
    )
    user_errors: list[UrlRedirectUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `urlRedirectUpdate`.")
class UrlRedirectUpdatePayload:
    url_redirect: UrlRedirect | None = strawberry.field(
        default=None, description="The redirect as it is now; null where this was refused."
    )
    user_errors: list[UrlRedirectUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `urlRedirectDelete`.")
class UrlRedirectDeletePayload:
    deleted_url_redirect_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[UrlRedirectUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class RedirectQueries:
    @query
    def url_redirects(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        query: Annotated[
            str | None, strawberry.argument(description="Which: `path:/products/old-mug`; all where it is left out.")
        ] = None,
    ) -> Connection[UrlRedirect]:
        """Old addresses and where they lead now, in the order they were written."""
        request = PageRequest(first, last, after, before)
        return Connection.of(redirects.page(request, path=_path_in(query)), UrlRedirect.of)


@strawberry.type
class RedirectMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def url_redirect_create(
        self,
        url_redirect: Annotated[UrlRedirectCreateInput, strawberry.argument(description="The redirect to make.")],
    ) -> UrlRedirectCreatePayload:
        """Lead from an old path to where its content is now. For staff who manage the catalog.

        Where a handle changes, the shop does so by itself.
        """
        made = redirects.create(path=url_redirect.path, target=url_redirect.target)
        return UrlRedirectCreatePayload(url_redirect=UrlRedirect.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def url_redirect_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The redirect to change.")],
        url_redirect: Annotated[UrlRedirectUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> UrlRedirectUpdatePayload:
        """Change where a redirect begins or leads. For staff who manage the catalog."""
        key = nodes.number(id, "UrlRedirect", "id")
        changed = redirects.update(redirect_id=key, redirect=url_redirect.to_domain())
        return UrlRedirectUpdatePayload(url_redirect=UrlRedirect.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def url_redirect_delete(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The redirect to remove.")],
    ) -> UrlRedirectDeletePayload:
        """Let an old path lead nowhere. For staff who manage the catalog."""
        key = nodes.number(id, "UrlRedirect", "id")
        redirects.delete(redirect_id=key)
        return UrlRedirectDeletePayload(deleted_url_redirect_id=gid("UrlRedirect", key))


def _path_in(query: str | None) -> str | None:
    """The path that a search asks for; None for all. Raises InvalidInput."""
    if not query or not query.strip():
        return None
    found = _QUERY.fullmatch(query)
    if found is None:
        raise InvalidInput("Ask for one path, such as path:/products/old-mug.", field=("query",))
    return found["bare"] if found["quoted"] is None else found["quoted"]
