"""Stock by variant and location, the holds on it, and the ledger that explains every unit."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.product import ProductVariant

# SQL for the units of a variant (an expression for its id) that can be sold now, over all locations.
FREE_UNITS = """
coalesce((
    SELECT sum(greatest(level.on_hand - level.reserved - level.safety_stock + level.backorder_limit, 0))
    FROM catalog_stocklevel level
    JOIN catalog_stocklocation location ON location.id = level.location_id AND location.is_active
    WHERE level.variant_id = {variant}
), 0)
"""

# SQL that is true where a unit of the `variant` (an expression for its id) can be sold now, at whatever location.
# Only of what has no stock of its own is asked whether it is a bundle, and whether there is enough of each part.
IN_STOCK = f"""
(EXISTS (
    SELECT 1 FROM catalog_stocklevel level
    JOIN catalog_stocklocation location ON location.id = level.location_id AND location.is_active
    WHERE level.variant_id = {{variant}}
      AND level.on_hand - level.reserved - level.safety_stock + level.backorder_limit > 0
) OR (
    SELECT coalesce(bool_and(
        product.status <> 'ARCHIVED' AND part.quantity <= {FREE_UNITS.format(variant="part.part_id")}
    ), false)
    FROM catalog_bundlepart part
    LEFT JOIN catalog_productvariant piece ON piece.id = part.part_id
    LEFT JOIN catalog_product product ON product.id = piece.product_id
    WHERE part.bundle_id = {{variant}}
))
"""  # noqa: S608  (only constants of this module are put together)


class StockLocation(models.Model):
    """Where goods lie. Holds are taken from the location of the lowest priority number first.

    From here goods are sent to the `countries` named, or everywhere where none is. The `address` is where shoppers can
    collect what they bought.
    """

    DEFAULT_PRIORITY = 100

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=255)
    priority = models.PositiveSmallIntegerField(default=DEFAULT_PRIORITY)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    address = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    def covers(self, country: str) -> bool:
        """Whether goods are sent to this country from here; of a country that is not known yet, that may be."""
        return not country or not self.countries or country in self.countries


class StockLevel(models.Model):
    """Units of a variant at a location; free are `on_hand - reserved - safety_stock + backorder_limit`, or none.

    Of these `safety_stock` are kept back from sale, and `backorder_limit` may be sold before they come in, which is to
    be at `expected_at`. Written by `catalog.stock` alone.
    """

    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="stock_levels")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    backorder_limit = models.IntegerField(default=0)
    safety_stock = models.IntegerField(default=0, db_default=0)
    expected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="stock_level_once_per_location"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_reserved_not_negative"),
            models.CheckConstraint(condition=Q(backorder_limit__gte=0), name="backorder_limit_not_negative"),
            models.CheckConstraint(condition=Q(safety_stock__gte=0), name="safety_stock_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand") + F("backorder_limit")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} at {self.location_id}"


class MovementKind(models.TextChoices):
    """Why stock changed."""

    PURCHASE = "PURCHASE", "Purchase"
    SALE = "SALE", "Sale"
    ADJUSTMENT = "ADJUSTMENT", "Adjustment"
    RETURN = "RETURN", "Return"
    DAMAGE = "DAMAGE", "Damage"
    HOLD = "HOLD", "Hold"
    RELEASE = "RELEASE", "Release"
    TRANSFER = "TRANSFER", "Transfer"


def cost_field() -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A column for what a unit costs: finer than money, for an average is seldom a round sum."""
    return models.DecimalField(max_digits=20, decimal_places=6, null=True, editable=False)


class StockMovement(models.Model):
    """One entry of the ledger: the sums of both deltas are the level's `on_hand` and `reserved`. Never changed.

    A purchase may tell what a unit of it cost, in the shop's currency; beside that stands what a unit of the variant
    costs on average from then on.
    """

    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="movements")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=MovementKind)
    on_hand_delta = models.IntegerField(default=0)
    reserved_delta = models.IntegerField(default=0)
    unit_cost = cost_field()
    average_cost = cost_field()
    reference = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(on_hand_delta=0) | ~Q(reserved_delta=0), name="movement_changes_something"
            ),
            models.CheckConstraint(
                condition=Q(unit_cost__isnull=True, average_cost__isnull=True)
                | Q(unit_cost__gte=0, average_cost__gte=0, kind=MovementKind.PURCHASE, on_hand_delta__gt=0),
                name="only_a_purchase_tells_its_cost",
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "location", "created_at"], name="movement_by_variant"),
            models.Index(fields=["reference"], name="movement_by_reference"),
            models.Index(fields=["created_at", "id"], name="movement_by_time"),
            models.Index(
                fields=["variant", "-created_at", "-id"],
                include=["average_cost"],
                condition=Q(average_cost__isnull=False),
                name="movement_by_cost",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_hand_delta:+}/{self.reserved_delta:+}"


class StockHold(models.Model):
    """Units kept for an order. It lapses at `expires_at` while payment is pending; paid orders hold without end.

    The sum of a level's holds is its `reserved`.
    """

    reference = models.CharField(max_length=100)
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="holds")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="holds")
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "variant", "location"], name="hold_once_per_reference"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_is_for_something"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="hold_by_expiry")]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant_id} for {self.reference}"


class LowStock(models.Model):
    """That few units of a variant are free: there while so few are, so that staff are told of it once.

    Kept by `catalog.low_stock`, under the locks of the variant's levels.
    """

    variant = models.OneToOneField(ProductVariant, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()
    is_told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["since", "variant"], name="low_stock_by_time"),
            models.Index(fields=["variant"], condition=Q(is_told=False), name="low_stock_to_be_told"),
        ]
        verbose_name_plural = "low stock"

    def __str__(self) -> str:
        return f"{self.variant_id} since {self.since:%Y-%m-%d}"
