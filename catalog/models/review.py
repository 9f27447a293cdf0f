"""What customers say of products, and who found it helpful."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from catalog.models.product import Product
from shop import clock
from shop.errors import Refusal

STARS = (1, 2, 3, 4, 5)


class ReviewStatus(models.TextChoices):
    """The whole life of a review. Only an approved one is shown, and counts for the rating of its product."""

    PENDING = "PENDING", "Waiting to be looked at by staff"
    APPROVED = "APPROVED", "Shown to everybody, and part of the rating"
    REJECTED = "REJECTED", "Not shown; its author may write it anew"

    @property
    def next(self) -> frozenset[ReviewStatus]:
        match self:
            case ReviewStatus.PENDING:
                return frozenset({ReviewStatus.APPROVED, ReviewStatus.REJECTED})
            case ReviewStatus.APPROVED:
                return frozenset({ReviewStatus.PENDING, ReviewStatus.REJECTED})
            case ReviewStatus.REJECTED:
                return frozenset({ReviewStatus.PENDING, ReviewStatus.APPROVED})


class ReviewStatusRefused(Refusal):
    """The review's status does not allow what was asked."""

    code = "REVIEW_STATUS_REFUSED"

    def __init__(self, review: Review, wanted: ReviewStatus) -> None:
        super().__init__(f"This review is {review.status.lower()} and cannot become {wanted.lower()}.", field=("id",))


class Review(models.Model):
    """What one customer says of one product. Written by `catalog.reviews` alone.

    The name of the author stays when the account is gone. `edited_at` is when the words were written, which nothing but
    the author changes; `helpful_count` counts votes.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reviews")
    author_name = models.CharField(max_length=100)
    rating = models.PositiveSmallIntegerField(validators=[MinValueValidator(STARS[0]), MaxValueValidator(STARS[-1])])
    title = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.PENDING, editable=False)
    is_verified_purchase = models.BooleanField(default=False)
    helpful_count = models.PositiveIntegerField(default=0)
    rejection_reason = models.CharField(max_length=500, blank=True)
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    moderated_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "author"], name="review_once_per_customer_and_product"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_rating_is_1_to_5"),
            models.CheckConstraint(condition=Q(status__in=ReviewStatus.values), name="review_status_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["product", "helpful_count", "id"],
                condition=Q(status="APPROVED"),
                name="review_shown_by_helpful",
            ),
            models.Index(
                fields=["product", "created_at", "id"], condition=Q(status="APPROVED"), name="review_shown_by_created"
            ),
            models.Index(fields=["status", "edited_at", "id"], name="review_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.rating} of {STARS[-1]} for {self.product_id} by {self.author_name}"

    def become(self, status: ReviewStatus) -> None:
        """Change the status through its one door. Raises ReviewStatusRefused; saves nothing itself."""
        if status not in ReviewStatus(self.status).next:
            raise ReviewStatusRefused(self, status)
        self.status = status


class ReviewVote(models.Model):
    """That a customer found a review helpful. It still counts when the account is gone."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "voter"], name="vote_once_per_customer_and_review")]

    def __str__(self) -> str:
        return f"{self.voter_id} found {self.review_id} helpful"
