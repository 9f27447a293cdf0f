"""Reviews of products: types, queries, and the mutations of authors, readers and staff."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import reviews
from catalog.models import Review as StoredReview
from catalog.models import review as review_model
from catalog.reviews import Rating, ReviewFields, ReviewRow, ReviewSort
from checkout import purchases
from schema import errors, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last, Reverse
from schema.permissions import SignedIn, Staff
from shop.errors import Refusal
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from schema.customers import Customer
    from schema.products import Product

    class ReviewErrorCode(Enum): ...

    class ReviewStatus(Enum):
        PENDING = "PENDING"

else:
    ReviewStatus = errors.enum_of(
        "ReviewStatus", "Where a review stands in its life.", dict(review_model.ReviewStatus.choices)
    )
    ReviewErrorCode = errors.code_enum("ReviewErrorCode", "a review", errors.codes_of(reviews, review_model))


@strawberry.enum(description="Orders of a product's reviews. Each has its natural direction; `reverse` turns it round.")
class ReviewSortKeys(Enum):
    HELPFUL = strawberry.enum_value("HELPFUL", description="What most found helpful first.")
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="Oldest first.")
    RATING = strawberry.enum_value("RATING", description="Most stars first.")


@strawberry.type(description="How many reviews gave so many stars.")
class ProductRatingCount:
    stars: int = strawberry.field(description="Stars: 1 to 5.")
    count: int = strawberry.field(description="Approved reviews that gave as many.")


@strawberry.type(description="What the approved reviews of a product come to, as of the last committed change.")
class ProductRating:
    average: float | None = strawberry.field(
        description="The mean number of stars, to two decimals; null without reviews."
    )
    count: int = strawberry.field(description="How many approved reviews there are.")
    distribution: list[ProductRatingCount] = strawberry.field(
        description="How many reviews gave each number of stars, from five stars down to one."
    )

    @classmethod
    def of(cls, rating: Rating) -> "ProductRating":
        return cls(
            average=None if rating.average is None else float(rating.average),
            count=sum(rating.counts),
            distribution=[
                ProductRatingCount(stars=stars, count=count)
                for stars, count in reversed(list(zip(review_model.STARS, rating.counts, strict=True)))
            ],
        )


def rating_of_product(context: Context, keys: Sequence[int]) -> list[Rating]:
    found = reviews.ratings(keys)
    return [found[key] for key in keys]


def reviews_of_product(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
    stars: Annotated[
        int | None, strawberry.argument(description="Only those that gave exactly as many stars: 1 to 5.")
    ] = None,
    sort_key: Annotated[ReviewSortKeys | None, strawberry.argument(description="The order.")] = ReviewSortKeys.HELPFUL,
    reverse: Reverse = False,
) -> list[Page[ReviewRow]]:
    """A page of the approved reviews of each product."""
    request = PageRequest(first, last, after, before)
    sort = ReviewSort[sort_key.name] if sort_key else ReviewSort.HELPFUL
    return reviews.pages_of_products(keys, request, sort, stars=stars, reverse=bool(reverse))


def reviews_of_customer(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[ReviewRow]]:
    found = reviews.pages_of_customers(context.actor, keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def reviews_by_id(context: Context, keys: Sequence[int]) -> list[ReviewRow | None]:
    found = reviews.by_id(context.actor, keys)
    return [found.get(key) for key in keys]


def _found_helpful(context: Context, keys: Sequence[int]) -> list[bool]:
    found = reviews.found_helpful(context.actor, keys)
    return [key in found for key in keys]


@strawberry.type(description="What a customer says of a product.")
class Review(Node):
    rating: int = strawberry.field(description="Stars: 1 to 5.")
    title: str | None = strawberry.field(description="The opinion in one line, if the author gave one.")
    body: str | None = strawberry.field(description="The opinion at length, in plain text, if the author gave one.")
    author_name: str = strawberry.field(description="The name the author is shown by.")
    is_verified_purchase: bool = strawberry.field(description="Whether the author bought the product in this shop.")
    helpful_count: int = strawberry.field(description="How many customers found it helpful.")
    status: ReviewStatus = strawberry.field(
        description="Where it stands. Those that are not approved are seen by their author and by staff alone."
    )
    rejection_reason: str | None = strawberry.field(description="Why it was rejected, if staff said so.")
    created_at: datetime = strawberry.field(description="When it was first written.")
    edited_at: datetime = strawberry.field(description="When the author wrote it as it is.")
    is_found_helpful: bool = edge(
        _found_helpful, description="Whether the signed-in customer found it helpful; false for a guest."
    )
    product: Annotated["Product", strawberry.lazy("schema.products")] | None = edge(
        loaders.products, key="product_id", description="What it is about; null where you do not see the product."
    )
    author: Annotated["Customer", strawberry.lazy("schema.customers")] | None = edge(
        loaders.customers,
        key="author_id",
        description="Who wrote it, for themselves and for staff who serve customers; null for others.",
    )
    pk: strawberry.Private[int]
    product_id: strawberry.Private[int]
    author_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: ReviewRow | StoredReview) -> "Review":
        return cls(
            id=gid("Review", row.pk),
            rating=row.rating,
            title=row.title or None,
            body=row.body or None,
            author_name=row.author_name,
            is_verified_purchase=row.is_verified_purchase,
            helpful_count=row.helpful_count,
            status=ReviewStatus[row.status],
            rejection_reason=row.rejection_reason or None,
            created_at=row.created_at,
            edited_at=row.edited_at,
            pk=row.pk,
            product_id=row.product_id,
            author_id=row.author_id,
        )


@strawberry.type(description="Why a review was not written or changed.")
class ReviewUserError(DisplayableError):
    code: ReviewErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ReviewUserError":
        return cls(**errors.parts(refusal, ReviewErrorCode))


@strawberry.input(description="What to say of a product.")
class ReviewCreateInput:
    rating: int = strawberry.field(description="Stars: 1 to 5.")
    title: str | None = strawberry.field(
        default=UNSET, description="The opinion in one line of at most 150 characters."
    )
    body: str | None = strawberry.field(
        default=UNSET, description="The opinion at length, in plain text of at most 5,000 characters."
    )
    author_name: str | None = strawberry.field(
        default=UNSET,
        description="The name to show, at most 100 characters; the given name and an initial where it is left out.",
    )

    def to_domain(self) -> ReviewFields:
        return cast(ReviewFields, given(self))


@strawberry.input(
    description="What is to change of a review. What is left out stays; null puts a field back to its default."
)
class ReviewUpdateInput:
    rating: int | None = strawberry.field(default=UNSET, description="Stars: 1 to 5; it cannot be null.")
    title: str | None = strawberry.field(
        default=UNSET, description="The opinion in one line of at most 150 characters."
    )
    body: str | None = strawberry.field(
        default=UNSET, description="The opinion at length, in plain text of at most 5,000 characters."
    )
    author_name: str | None = strawberry.field(
        default=UNSET, description="The name to show, at most 100 characters; null for the given name and an initial."
    )

    def to_domain(self) -> ReviewFields:
        return cast(ReviewFields, given(self))


@strawberry.type
class ReviewPayload:
    """What every change of a review answers."""

    review: Review | None = strawberry.field(
        default=None, description="The review as it is now; null where this was refused."
    )
    user_errors: list[ReviewUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `reviewCreate`.")
class ReviewCreatePayload(ReviewPayload):
    pass


@strawberry.type(description="What became of `reviewUpdate`.")
class ReviewUpdatePayload(ReviewPayload):
    pass


@strawberry.type(description="What became of `reviewApprove`.")
class ReviewApprovePayload(ReviewPayload):
    pass


@strawberry.type(description="What became of `reviewReject`.")
class ReviewRejectPayload(ReviewPayload):
    pass


@strawberry.type(description="What became of `reviewVote`.")
class ReviewVotePayload(ReviewPayload):
    pass


@strawberry.type(description="What became of `reviewDelete`.")
class ReviewDeletePayload:
    deleted_review_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the review that is gone; null where this was refused."
    )
    user_errors: list[ReviewUserError] = strawberry.field(
        default_factory=list, description="Why nothing was deleted; empty when all went well."
    )


@strawberry.type
class ReviewQueries:
    @query
    def review(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The review.")]
    ) -> Review | None:
        """A review; one that is not approved is null but for its author and staff who look at reviews."""
        [row] = reviews_by_id(info.context, [nodes.number(id, "Review")])
        return Review.of(row) if row else None

    @query(permission_classes=[Staff(Permission.MANAGE_REVIEWS)])
    def reviews(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        status: Annotated[
            ReviewStatus | None, strawberry.argument(description="Only those that stand there; null for all.")
        ] = ReviewStatus.PENDING,
    ) -> CountedConnection[Review]:
        """The reviews that wait to be looked at, what was written first first. For staff who look at reviews."""
        wanted = None if status is None else review_model.ReviewStatus(status.name)
        page = reviews.queue(wanted, PageRequest(first, last, after, before))
        return CountedConnection.of(page, Review.of)


EditedAt = Annotated[
    datetime | None,
    strawberry.argument(
        description="The `editedAt` of the review as you read it: refused if its author changed it since."
    ),
]


@strawberry.type
class ReviewMutations:
    @mutation(permission_classes=[SignedIn])
    def review_create(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product to review.")],
        review: Annotated[ReviewCreateInput, strawberry.argument(description="What to say of it.")],
    ) -> ReviewCreatePayload:
        """Review a product, once. It is shown when staff have looked at it."""
        key = nodes.number(product_id, "Product", "product_id")
        written = purchases.review(actor=info.context.actor, product_id=key, review=review.to_domain())
        return ReviewCreatePayload(review=Review.of(written))

    @mutation(permission_classes=[SignedIn])
    def review_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A review of your own.")],
        review: Annotated[ReviewUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> ReviewUpdatePayload:
        """Change your own review. It is shown again when staff have looked at it."""
        key = nodes.number(id, "Review", "id")
        changed = reviews.update(actor=info.context.actor, review_id=key, review=review.to_domain())
        return ReviewUpdatePayload(review=Review.of(changed))

    @mutation(permission_classes=[SignedIn])
    def review_delete(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A review of your own; any for staff.")],
    ) -> ReviewDeletePayload:
        """Delete your own review, or any as a member of staff who looks at reviews."""
        deleted = reviews.delete(actor=info.context.actor, review_id=nodes.number(id, "Review", "id"))
        return ReviewDeletePayload(deleted_review_id=gid("Review", deleted))

    @mutation(permission_classes=[SignedIn])
    def review_vote(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An approved review of somebody else.")],
        is_helpful: Annotated[bool, strawberry.argument(description="False takes your vote back.")] = True,
    ) -> ReviewVotePayload:
        """Say that a review is helpful. Each customer counts once, however often they say so."""
        key = nodes.number(id, "Review", "id")
        return ReviewVotePayload(
            review=Review.of(reviews.vote(actor=info.context.actor, review_id=key, is_helpful=is_helpful))
        )

    @mutation(permission_classes=[Staff(Permission.MANAGE_REVIEWS)])
    def review_approve(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The review.")],
        edited_at: EditedAt = None,
    ) -> ReviewApprovePayload:
        """Show a review to everybody, and count it into the rating. For staff who look at reviews."""
        key = nodes.number(id, "Review", "id")
        approved = reviews.approve(actor=info.context.actor, review_id=key, edited_at=edited_at)
        return ReviewApprovePayload(review=Review.of(approved))

    @mutation(permission_classes=[Staff(Permission.MANAGE_REVIEWS)])
    def review_reject(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The review.")],
        reason: Annotated[
            str, strawberry.argument(description="Why, for its author to read: at most 500 characters.")
        ] = "",
        edited_at: EditedAt = None,
    ) -> ReviewRejectPayload:
        """Keep a review from being shown. For staff who look at reviews."""
        key = nodes.number(id, "Review", "id")
        rejected = reviews.reject(actor=info.context.actor, review_id=key, reason=reason, edited_at=edited_at)
        return ReviewRejectPayload(review=Review.of(rejected))
