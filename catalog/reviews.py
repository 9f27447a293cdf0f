"""Reviews: written by customers, looked at by staff before they are shown, and counted into the rating of a product.

A product keeps how many approved reviews gave it each number of stars. Whoever changes what is approved counts anew in
the same transaction: the review is locked first, then its product.
"""

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypedDict

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import User
from accounts.staff import Permission
from catalog.models import Product, Review, ReviewStatus, ReviewVote
from catalog.models.review import STARS
from shop import clock, paging, prepared, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Order, Page, PageRequest, Place
from shop.prepared import Bound

MAX_NAME = 100
MAX_TITLE = 150
MAX_BODY = 5_000
MAX_REASON = 500
ANONYMOUS = "Anonymous"


class AlreadyReviewed(Refusal):
    """A customer reviews a product once, and may change the review."""

    code = "ALREADY_REVIEWED"

    def __init__(self) -> None:
        super().__init__("You reviewed this product already; change that review with reviewUpdate.")


class OwnReview(Refusal):
    """Nobody votes for their own review."""

    code = "OWN_REVIEW"

    def __init__(self) -> None:
        super().__init__("This review is your own: others say whether it is helpful.", field=("id",))


class ReviewChanged(Refusal):
    """The author wrote the review anew after it was read."""

    code = "REVIEW_CHANGED"

    def __init__(self) -> None:
        super().__init__("The author changed this review meanwhile; read it again.", field=("edited_at",))


class ReviewFields(TypedDict, total=False):
    """What an author says. A key left out leaves what there is; None puts back the default."""

    rating: int | None
    title: str | None
    body: str | None
    author_name: str | None


class ReviewRow(NamedTuple):
    """A review as it is shown."""

    pk: int
    product_id: int
    author_id: int | None
    author_name: str
    rating: int
    title: str
    body: str
    status: str
    is_verified_purchase: bool
    helpful_count: int
    rejection_reason: str
    edited_at: datetime
    created_at: datetime


class Rating(NamedTuple):
    """What approved reviews come to: the mean, and how many gave each number of stars, from one star to five."""

    average: Decimal | None
    counts: list[int]


class ReviewSort(Enum):
    """Orders of a product's reviews, each in its natural direction."""

    HELPFUL = "helpful_count"
    CREATED_AT = "created_at"
    RATING = "rating"


_PARSE = {ReviewSort.CREATED_AT: datetime.fromisoformat}
_DESCENDING = {ReviewSort.HELPFUL, ReviewSort.RATING}
_QUEUE = Order("EDITED_AT", "edited_at", parse=datetime.fromisoformat)
_NEWEST_FIRST = Order("CREATED_AT", "created_at", descending=True, parse=datetime.fromisoformat)


def visible_to(actor: Actor) -> QuerySet[Review]:
    """All for staff who look at reviews; for others the approved ones of products they may see, and their own."""
    if actor.may(Permission.MANAGE_REVIEWS):
        return Review.objects.all()
    shown = Q(status=ReviewStatus.APPROVED, product__in=Product.objects.visible_to(actor))
    return Review.objects.filter(shown if actor.is_guest else shown | Q(author_id=actor.user_id))


def by_id(actor: Actor, ids: Some[int]) -> dict[int, ReviewRow]:
    """Those of these reviews that the actor may see."""
    return {row.pk: row for row in _read(visible_to(actor).filter(pk__in=ids))}


def queue(status: ReviewStatus | None, request: PageRequest) -> Page[ReviewRow]:
    """For staff: the reviews of one status, or all, what was written first first. Raises InvalidPage."""
    waiting = Review.objects.all() if status is None else Review.objects.filter(status=status)
    return paging.page(waiting, _QUEUE, request, _read, lambda row: (row.edited_at, row.pk))


def pages_of_customers(actor: Actor, customer_ids: Sequence[int], request: PageRequest) -> dict[int, Page[ReviewRow]]:
    """A page of what each customer wrote, newest first, as far as the actor may see it; one statement for all.

    Raises InvalidPage.
    """
    visible = visible_to(actor)
    own = {customer_id: visible.filter(author_id=customer_id) for customer_id in customer_ids}
    return paging.pages(own, _NEWEST_FIRST, request, _read, attrgetter("author_id"), _by_created)


def pages_of_products(
    product_ids: Sequence[int], request: PageRequest, sort: ReviewSort, *, stars: int | None = None, reverse: bool
) -> list[Page[ReviewRow]]:
    """For each product a page of its approved reviews, or of those with so many stars, all in one statement.

    Raises InvalidInput, InvalidPage.
    """
    if stars is not None:
        stars = _checked_stars(stars)
    order = _order(sort, reverse=reverse)
    after, before = paging.places(order, request)
    shape: dict[str, Any] = {"order": order, "request": request.from_the_end}
    statements = [_page.bound(product_id, stars, after, before, **shape) for product_id in product_ids]
    found: dict[int, list[ReviewRow]] = {product_id: [] for product_id in product_ids}
    backwards = order.descending != request.is_backward
    key = itemgetter(ReviewRow._fields.index(order.key), 0)
    for row in sorted(prepared.rows(statements), key=key, reverse=backwards):
        found[row[1]].append(ReviewRow._make(row))
    return [
        paging.finish(found[product_id], partial(_counting, product_id, stars), order, request, key)
        for product_id in product_ids
    ]


def ratings(product_ids: Some[int]) -> dict[int, Rating]:
    """What the approved reviews of each product come to, as the product keeps it."""
    return {pk: Rating(average, counts) for pk, average, counts in _ratings(list(product_ids))}


def found_helpful(actor: Actor, review_ids: Some[int]) -> set[int]:
    """Those of these reviews that the actor voted for."""
    if actor.is_guest:
        return set()
    votes = ReviewVote.objects.filter(voter_id=actor.user_id, review_id__in=review_ids)
    return set(votes.values_list("review_id", flat=True))


def write(*, author: User, actor: Actor, product_id: int, review: ReviewFields, is_verified_purchase: bool) -> Review:
    """A new review, which waits to be looked at. Call inside a transaction.

    Raises InvalidInput, Refusals, NotFound for a product that the author does not see, AlreadyReviewed.
    """
    with blaming("review"):
        columns = _checked(review, author)
        if "rating" not in columns:
            raise InvalidInput("Give 1 to 5 stars.", field=("rating",))
    if not Product.objects.visible_to(actor).filter(pk=product_id).exists():
        raise NotFound("Product", field=("product_id",))
    made = Review(product_id=product_id, author=author, is_verified_purchase=is_verified_purchase)
    made.author_name = _shown_name(author)
    for name, value in columns.items():
        setattr(made, name, value)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if not Review.objects.filter(product_id=product_id, author=author).exists():
            raise
        raise AlreadyReviewed from error
    return made


@transaction.atomic(durable=True)
def update(*, actor: Actor, review_id: int, review: ReviewFields) -> Review:
    """Change one's own review, which then has to be looked at again. Raises NotFound, InvalidInput, Refusals."""
    author = User.objects.of(actor).first()
    if author is None:
        raise NotFound("Review", field=("id",))
    with blaming("review"):
        columns = _checked(review, author)
    changed = _locked(Review.objects.filter(author=author), review_id)
    if all(getattr(changed, name) == value for name, value in columns.items()):
        return changed
    for name, value in columns.items():
        setattr(changed, name, value)
    if changed.status != ReviewStatus.PENDING:
        changed.become(ReviewStatus.PENDING)
    changed.rejection_reason, changed.edited_at = "", clock.now()
    changed.save(update_fields=[*columns, "status", "rejection_reason", "edited_at"])
    refresh([changed.product_id])
    return changed


@transaction.atomic(durable=True)
def delete(*, actor: Actor, review_id: int) -> int:
    """Delete one's own review, or any as staff who look at reviews; answers its id. Raises NotFound."""
    kept = Review.objects.all()
    if not actor.may(Permission.MANAGE_REVIEWS):
        kept = kept.filter(author__in=User.objects.of(actor))
    gone = _locked(kept, review_id)
    gone.delete()
    refresh([gone.product_id])
    return review_id


def approve(*, actor: Actor, review_id: int, edited_at: datetime | None = None) -> Review:
    """Show a review to everybody. `edited_at` is that of the words that were read.

    Raises NotFound, ReviewStatusRefused, ReviewChanged.
    """
    return _judged(actor, review_id, ReviewStatus.APPROVED, edited_at, reason="")


def reject(*, actor: Actor, review_id: int, reason: str = "", edited_at: datetime | None = None) -> Review:
    """Keep a review from being shown, and tell its author why. `edited_at` is that of the words that were read.

    Raises NotFound, InvalidInput, ReviewStatusRefused, ReviewChanged.
    """
    reason = text.line(reason, limit=MAX_REASON, field=("reason",))
    return _judged(actor, review_id, ReviewStatus.REJECTED, edited_at, reason=reason)


@transaction.atomic(durable=True)
def vote(*, actor: Actor, review_id: int, is_helpful: bool) -> Review:
    """Say that a review is helpful, or take that back; doing it again changes nothing. Raises NotFound, OwnReview."""
    voter = User.objects.of(actor).first()
    shown = Review.objects.filter(status=ReviewStatus.APPROVED, product__in=Product.objects.visible_to(actor))
    review = _locked(shown, review_id)
    if voter is None:
        raise NotFound("Review", field=("id",))
    if review.author_id == voter.pk:
        raise OwnReview
    if is_helpful:
        ReviewVote.objects.bulk_create([ReviewVote(review=review, voter=voter)], ignore_conflicts=True)
    else:
        ReviewVote.objects.filter(review=review, voter=voter).delete()
    review.helpful_count = review.votes.count()
    review.save(update_fields=["helpful_count"])
    return review


def mark_purchases(author_id: int, bought: dict[int, bool]) -> None:
    """Say of each product, by its id, whether this customer bought it. Call inside a transaction."""
    written = Review.objects.filter(author_id=author_id, product_id__in=bought).select_for_update(no_key=True)
    for review in written.order_by("pk"):
        if review.is_verified_purchase != bought[review.product_id]:
            Review.objects.filter(pk=review.pk).update(is_verified_purchase=bought[review.product_id])


def refresh(product_ids: Iterable[int]) -> None:
    """Count the ratings of these products anew. Call inside the transaction that changed what is approved."""
    ids = sorted(set(product_ids))
    # Lock first, count in a later statement: its snapshot then holds all that earlier owners of the lock committed.
    list(Product.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, [ids])


def differences() -> list[str]:
    """Every product and review whose kept counts are not those of its reviews and votes."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_RATINGS)
        wrong = [f"rating of product {product} differs from its reviews" for (product,) in cursor.fetchall()]
        cursor.execute(_WRONG_VOTES)
        wrong += [f"helpful count of review {review} differs from its votes" for (review,) in cursor.fetchall()]
    return wrong


@transaction.atomic(durable=True)
def _judged(actor: Actor, review_id: int, status: ReviewStatus, edited_at: datetime | None, *, reason: str) -> Review:
    review = _locked(Review.objects.all(), review_id)
    if edited_at is not None and review.edited_at != edited_at:
        raise ReviewChanged
    review.become(status)
    review.rejection_reason, review.moderator_id, review.moderated_at = reason, actor.user_id, clock.now()
    review.save(update_fields=["status", "rejection_reason", "moderator", "moderated_at"])
    refresh([review.product_id])
    return review


def _checked(review: ReviewFields, author: User) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "rating" in review:
            with check():
                columns["rating"] = _checked_stars(review["rating"])
        if "title" in review:
            with check("title"):
                columns["title"] = text.line(review["title"] or "", limit=MAX_TITLE)
        if "body" in review:
            with check("body"):
                columns["body"] = text.paragraphs(review["body"] or "", limit=MAX_BODY)
        if "author_name" in review:
            with check("author_name"):
                name = text.line(review["author_name"] or "", limit=MAX_NAME)
                columns["author_name"] = name or _shown_name(author)
    return columns


def _checked_stars(rating: int | None) -> int:
    if rating not in STARS:
        raise InvalidInput(f"A rating is {STARS[0]} to {STARS[-1]} stars.", field=("rating",))
    return rating


def _shown_name(author: User) -> str:
    """A name that does not tell all of who somebody is, and never their address."""
    initial = f" {author.last_name[0]}." if author.first_name and author.last_name else ""
    return f"{author.first_name}{initial}".strip() or ANONYMOUS


def _locked(among: QuerySet[Review], review_id: int) -> Review:
    found = among.select_for_update(no_key=True, of=("self",)).filter(pk=review_id).first()
    if found is None:
        raise NotFound("Review", field=("id",))
    return found


def _read(chosen: QuerySet[Review]) -> list[ReviewRow]:
    return [ReviewRow._make(row) for row in chosen.values_list(*ReviewRow._fields)]


def _by_created(row: ReviewRow) -> tuple[datetime, int]:
    return row.created_at, row.pk


@cache
def _order(sort: ReviewSort, *, reverse: bool) -> Order:
    descending = (sort in _DESCENDING) != reverse
    return Order(f"{sort.name} {descending:d}", sort.value, descending, _PARSE.get(sort, int))


def _approved(product_id: int, stars: int | None) -> QuerySet[Review]:
    approved = Review.objects.filter(product_id=product_id, status=ReviewStatus.APPROVED)
    return approved if stars is None else approved.filter(rating=stars)


@prepared.statement
def _page(
    product_id: int, stars: int | None, after: Place | None, before: Place | None, *, order: Order, request: PageRequest
) -> QuerySet[Any, Any]:
    cut = paging.cut(_approved(product_id, stars), order, request, after, before)
    return cut.values_list(*ReviewRow._fields)


def _counting(product_id: int, stars: int | None, number: int) -> Bound:
    return _count.bound(number, product_id, stars)


@prepared.statement
def _count(number: int, product_id: int, stars: int | None) -> QuerySet[Any, Any]:
    return paging.numbered(_approved(product_id, stars), number)


@prepared.statement
def _ratings(product_ids: list[int]) -> QuerySet[Any, Any]:
    return Product.objects.filter(pk__any=product_ids).values_list("pk", "rating_average", "rating_counts")


_STARS = f"ARRAY[{', '.join(str(stars) for stars in STARS)}]"

# What products should say, from approved reviews alone.
_TRUE_RATINGS = f"""
SELECT p.id, round(avg(r.rating), 2) AS average,
       array(SELECT count(*) FILTER (WHERE given.rating = stars)::int
             FROM unnest({_STARS}) AS stars
             LEFT JOIN catalog_review given ON given.product_id = p.id AND given.status = 'APPROVED'
             GROUP BY stars ORDER BY stars) AS counts
FROM catalog_product p
LEFT JOIN catalog_review r ON r.product_id = p.id AND r.status = 'APPROVED'
{{where}}
GROUP BY p.id
"""  # noqa: S608  (the interpolated text is a constant of this module)

_REFRESH = f"""
UPDATE catalog_product p SET rating_average = found.average, rating_counts = found.counts
FROM ({_TRUE_RATINGS.format(where="WHERE p.id = ANY(%s)")}) found
WHERE p.id = found.id AND (p.rating_average, p.rating_counts) IS DISTINCT FROM (found.average, found.counts)
"""  # noqa: S608

_WRONG_RATINGS = f"""
SELECT p.id FROM catalog_product p JOIN ({_TRUE_RATINGS.format(where="")}) found ON found.id = p.id
WHERE (p.rating_average, p.rating_counts) IS DISTINCT FROM (found.average, found.counts)
ORDER BY p.id
"""  # noqa: S608

_WRONG_VOTES = """
SELECT r.id FROM catalog_review r
LEFT JOIN (SELECT review_id, count(*) AS votes FROM catalog_reviewvote GROUP BY 1) counted ON counted.review_id = r.id
WHERE r.helpful_count <> coalesce(counted.votes, 0)
ORDER BY r.id
"""
