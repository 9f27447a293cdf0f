"""Connections after the Relay specification, with `nodes` beside `edges` as the dialect has them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Self, TypeAlias, TypeVar

import strawberry

from schema.edges import edge
from shop import paging
from shop.paging import Page

T = TypeVar("T")

First: TypeAlias = Annotated[int | None, strawberry.argument(description="How many from the start: 0 to 250.")]
Last: TypeAlias = Annotated[int | None, strawberry.argument(description="How many from the end: 0 to 250.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Before: TypeAlias = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]
Reverse: TypeAlias = Annotated[bool | None, strawberry.argument(description="Turn the order round.")]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether something follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")

    @classmethod
    def of(cls, page: Page[Any]) -> "PageInfo":
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )


@strawberry.type(name="Edge", description="An item of a list, with its place.")
class ConnectionEdge(Generic[T]):
    cursor: str = strawberry.field(description="The item's place, to page on from; opaque.")
    node: T = strawberry.field(description="The item itself.")


@strawberry.type(name="Connection", description="A page of a list.")
class Connection(Generic[T]):
    edges: list[ConnectionEdge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and from where.")

    @classmethod
    def of(cls, page: Page[Any], convert: Callable[[Any], T]) -> "Connection[T]":
        return cls(**_parts(page, convert))


def _counts(context: object, pages: Sequence[Page[Any]]) -> list[int]:
    return paging.totals(pages)


@strawberry.type(name="Connection", description="A page of a list whose length can be told.")
class CountedConnection(Generic[T]):
    edges: list[ConnectionEdge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and from where.")
    total_count: int = edge(_counts, key="page", description="How many items the whole list has, over all pages.")
    page: strawberry.Private[Page[Any]]

    @classmethod
    def of(cls, page: Page[Any], convert: Callable[[Any], T]) -> Self:
        return cls(**_parts(page, convert), page=page)


def _parts(page: Page[Any], convert: Callable[[Any], T]) -> dict[str, Any]:
    nodes = [convert(row) for row in page.rows]
    edges = [ConnectionEdge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)]
    return {"nodes": nodes, "edges": edges, "page_info": PageInfo.of(page)}
