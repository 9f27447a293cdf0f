"""Counts of stock: types, queries and mutations, for staff who keep the inventory."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from accounts.models import User
from accounts.staff import Permission
from catalog import models, stock, stock_counts
from catalog.models import StockCountLine as LineRow
from catalog.models import stock_count as stock_count_model
from catalog.stock_counts import Found, NewCount, Summary
from schema import errors, inputs, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.locations import Location
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop.errors import Refusal, blaming
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class StockCountErrorCode(Enum): ...

    class StockCountStatus(Enum): ...

else:
    StockCountStatus = errors.enum_of(
        "StockCountStatus", "Where a count stands.", dict(models.StockCountStatus.choices)
    )
    StockCountErrorCode = errors.code_enum(
        "StockCountErrorCode", "a count", errors.codes_of(stock_counts, stock_count_model, stock)
    )


def counts_by_id(context: Context, keys: Sequence[int]) -> list[models.StockCount | None]:
    found = stock_counts.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def _lines(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[LineRow]]:
    found = stock_counts.pages_of_lines(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def _summaries(context: Context, keys: Sequence[int]) -> list[Summary]:
    found = stock_counts.summaries(keys)
    return [found[key] for key in keys]


def _emails(context: Context, keys: Sequence[int]) -> list[str | None]:
    found = dict(User.objects.filter(pk__in=keys).values_list("pk", "email"))
    return [found.get(key) for key in keys]


@strawberry.type(description="A variant that is counted at the count's location.")
class StockCountLine:
    expected: int | None = strawberry.field(
        description="What was on the books at the moment it was counted; null before that, so that nobody is biased."
    )
    counted: int | None = strawberry.field(description="Units that were found, or null where nobody has counted it.")
    difference: int | None = strawberry.field(description="How many more were found than expected, or how many fewer.")
    difference_value: MoneyV2 | None = strawberry.field(
        description="What the difference is worth, by the unit cost when it was counted; null where that is unknown."
    )
    counted_at: datetime | None = strawberry.field(description="When it was counted last.")
    counted_by: str | None = edge(_emails, key="counted_by_id", description="Who counted it last, by e-mail address.")
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What is counted.")
    variant_id: strawberry.Private[int]
    counted_by_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: LineRow) -> "StockCountLine":
        value = stock_counts.value_of(row)
        return cls(
            expected=row.expected,
            counted=row.counted,
            difference=row.difference,
            difference_value=None if value is None else MoneyV2.of(value),
            counted_at=row.counted_at,
            variant_id=row.variant_id,
            counted_by_id=row.counted_by_id,
        )


@strawberry.type(description="How far a count is, and what it found.")
class StockCountSummary:
    lines: int = strawberry.field(description="How many variants there are to count.")
    counted: int = strawberry.field(description="How many of them somebody has counted.")
    difference: int = strawberry.field(description="All differences added up.")
    difference_value: MoneyV2 = strawberry.field(
        description="What they are worth together, rounded once; differences of unknown cost are worth nothing."
    )

    @classmethod
    def of(cls, row: Summary) -> "StockCountSummary":
        value = MoneyV2.of(row.value)
        return cls(lines=row.lines, counted=row.counted, difference=row.difference, difference_value=value)


@strawberry.type(description="A count of stock at a location. Sales go on meanwhile.")
class StockCount(Node):
    status: StockCountStatus = strawberry.field(description="Where it stands.")
    reference: str = strawberry.field(description="Its name in the ledger.")
    note: str | None = strawberry.field(description="A remark of whoever started it.")
    created_by: str | None = strawberry.field(description="Who started it, by e-mail address.")
    created_at: datetime = strawberry.field(description="When it was started.")
    closed_at: datetime | None = strawberry.field(description="When it was completed or given up.")
    location: Location = edge(loaders.locations, key="location_id", description="Where it is made.")
    summary: StockCountSummary = edge(_summaries, description="How far it is, and what it found.")
    lines: CountedConnection[StockCountLine] = edge(_lines, description="What is counted.")
    pk: strawberry.Private[int]
    location_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: models.StockCount) -> "StockCount":
        return cls(
            id=gid("StockCount", row.pk),
            status=StockCountStatus[row.status],
            reference=row.reference,
            note=row.note or None,
            created_by=row.created_by.email if row.created_by else None,
            created_at=row.created_at,
            closed_at=row.closed_at,
            pk=row.pk,
            location_id=row.location_id,
        )


@strawberry.type(description="Why a count was not started or changed.")
class StockCountUserError(DisplayableError):
    code: StockCountErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "StockCountUserError":
        return cls(**errors.parts(refusal, StockCountErrorCode))


@strawberry.input(description="A count to start. Say one of variantIds, categoryId and all.")
class StockCountStartInput:
    location_id: strawberry.ID = strawberry.field(description="Where to count.")
    variant_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Count these 1 to 250 variants."
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Count what stock is kept of there in this category and all below it."
    )
    all: bool = strawberry.field(default=False, description="Count all that stock is kept of there.")
    note: str | None = strawberry.field(default=UNSET, description="A remark, at most 500 characters.")

    def to_domain(self) -> NewCount:
        ids = self.variant_ids or None
        return NewCount(
            location_id=nodes.number(self.location_id, "Location", "location_id"),
            variant_ids=None
            if ids is None
            else [nodes.number(id, "ProductVariant", "variant_ids", place) for place, id in enumerate(ids)],
            category_id=nodes.number(self.category_id, "Category", "category_id") if self.category_id else None,
            is_of_all=self.all,
            note=self.note or None,
        )


@strawberry.input(description="How many units of a variant were found.")
class StockCountLineInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant, which is part of the count; once.")
    quantity: int = strawberry.field(
        description="Units that lie there, those held for orders included: 0 to 1000000000."
    )

    def to_domain(self) -> Found:
        return Found(variant_id=nodes.number(self.variant_id, "ProductVariant", "variant_id"), quantity=self.quantity)


@strawberry.type
class StockCountPayload:
    """What every change of a count answers."""

    stock_count: StockCount | None = edge(
        counts_by_id, key="count_id", description="The count as it is now; null where this was refused."
    )
    user_errors: list[StockCountUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    count_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `stockCountStart`.")
class StockCountStartPayload(StockCountPayload):
    pass


@strawberry.type(description="What became of `stockCountLinesRecord`.")
class StockCountLinesRecordPayload(StockCountPayload):
    pass


@strawberry.type(description="What became of `stockCountComplete`.")
class StockCountCompletePayload(StockCountPayload):
    pass


@strawberry.type(description="What became of `stockCountCancel`.")
class StockCountCancelPayload(StockCountPayload):
    pass


@strawberry.type
class StockCountQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_counts(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        status: Annotated[
            StockCountStatus | None, strawberry.argument(description="Only those that stand here.")
        ] = None,
    ) -> CountedConnection[StockCount]:
        """The counts of stock, newest first. For staff who manage the inventory."""
        wanted = models.StockCountStatus(status.name) if status else None
        page = stock_counts.page(wanted, PageRequest(first, last, after, before))
        return CountedConnection.of(page, StockCount.of)

    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_count(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The count.")]
    ) -> StockCount | None:
        """A count of stock; null for an unknown one. For staff who manage the inventory."""
        key = nodes.number(id, "StockCount")
        found = stock_counts.visible(info.context.actor, [key]).get(key)
        return None if found is None else StockCount.of(found)


@strawberry.type
class StockCountMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_count_start(
        self,
        info: Info,
        count: Annotated[StockCountStartInput, strawberry.argument(description="What to count, and where.")],
    ) -> StockCountStartPayload:
        """Start a count of stock; the books stay as they are until it is completed. For staff who manage the inventory.

        A variant is part of one open count at a location at the most.
        """
        with blaming("count"):
            planned = count.to_domain()
        return StockCountStartPayload(count_id=stock_counts.start(count=planned, actor=info.context.actor).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_count_lines_record(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The count.")],
        lines: Annotated[
            list[StockCountLineInput], strawberry.argument(description="1 to 250 variants with what was found.")
        ],
    ) -> StockCountLinesRecordPayload:
        """Note what was found, right when it is; a variant recorded again is counted anew.

        What is on the books at this moment is noted beside it. For staff who manage the inventory.
        """
        key, found = nodes.number(id, "StockCount", "id"), inputs.meant(lines, "lines")
        counted = stock_counts.record(count_id=key, found=found, actor=info.context.actor)
        return StockCountLinesRecordPayload(count_id=counted.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_count_complete(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The count.")]
    ) -> StockCountCompletePayload:
        """Add every difference to what is on hand by now, as an ADJUSTMENT; what nobody counted stays as it is.

        What was sold or came in after a variant was counted counts once. For staff who manage the inventory.
        """
        key = nodes.number(id, "StockCount", "id")
        return StockCountCompletePayload(count_id=stock_counts.complete(count_id=key, actor=info.context.actor).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def stock_count_cancel(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The count.")]
    ) -> StockCountCancelPayload:
        """Give a count up; the books stay as they are. For staff who manage the inventory."""
        return StockCountCancelPayload(count_id=stock_counts.cancel(count_id=nodes.number(id, "StockCount", "id")).pk)
