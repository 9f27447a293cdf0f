"""Products, their options, variants and pictures."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone

from accounts.actors import Actor
from accounts.staff import Permission
from catalog.models.category import Category


class Brand(models.Model):
    """Who makes a product; the dialect says vendor."""

    name = models.CharField(max_length=255, unique=True)
    handle = models.CharField(max_length=255, unique=True)

    def __str__(self) -> str:
        return self.name


class ProductStatus(models.TextChoices):
    """Whether shoppers see a product: only an active one."""

    DRAFT = "DRAFT", "Draft"
    ACTIVE = "ACTIVE", "Active"
    ARCHIVED = "ARCHIVED", "Archived"


# What `offered_by` adds to a product.
OFFERED = ("is_in_stock", "is_on_sale", "price_min", "price_max")


def _no_ratings() -> list[int]:
    return [0, 0, 0, 0, 0]


class ProductQuerySet(models.QuerySet["Product"]):
    """Which products; `catalog.browsing` says what is read of them."""

    def visible_to(self, actor: Actor) -> "ProductQuerySet":
        """All for staff who keep the catalog; for everybody else active products in active branches."""
        if actor.may(Permission.MANAGE_CATALOG):
            return self
        return self.filter(status=ProductStatus.ACTIVE, category__is_listed=True)

    def offered_by(self, price_list_id: int) -> "ProductQuerySet":
        """Adds the columns of each product's offer by a price list; they are null where it has no price for it."""
        joined = self.annotate(
            offer=models.FilteredRelation("offers", condition=models.Q(offers__price_list=price_list_id)),
        )
        # Conditions name these columns, never `offer__…`: every filter on a relation would join the table once more.
        return joined.annotate(**{column: models.F(f"offer__{column}") for column in OFFERED})

    def below(self, path: str) -> "ProductQuerySet":
        """Placed in the category at this materialized path or anywhere under it."""
        return self.filter(category__path__gte=path, category__path__lt=path + "[")


class Product(models.Model):
    """Something the shop sells, in one category; what can be bought are its variants.

    `sold_count` counts units of confirmed orders; `search` is kept by `catalog.search`, and by `catalog.reviews` the
    mean of approved reviews and how many of them gave one star to five.
    """

    external_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    description_html = models.TextField(blank=True)
    product_type = models.CharField(max_length=255, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="products", null=True, blank=True)
    status = models.CharField(max_length=10, choices=ProductStatus, default=ProductStatus.DRAFT)
    tags = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    # The same for the same tags: so products are grouped by them, however long they are, without being read.
    tags_key = models.GeneratedField(
        expression=models.Func("tags", models.Value(0), function="hash_array_extended"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    seo_title = models.CharField(max_length=255, blank=True)
    seo_description = models.TextField(blank=True)
    sold_count = models.IntegerField(default=0, editable=False)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    rating_counts = ArrayField(models.IntegerField(), default=_no_ratings, db_default=[0, 0, 0, 0, 0], editable=False)
    search = SearchVectorField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ProductStatus.values), name="product_status_is_known"),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="product_by_created_at"),
            models.Index(fields=["updated_at", "id"], name="product_by_updated_at"),
            models.Index(fields=["title", "id"], name="product_by_title"),
            models.Index(fields=["sold_count", "id"], name="product_by_sold_count"),
            models.Index(
                fields=["category", "id"],
                # All that a category is counted by, so that the rows need not be looked at.
                include=["brand", "product_type", "rating_average", "tags_key"],
                condition=models.Q(status=ProductStatus.ACTIVE),
                name="product_active_in_category",
            ),
            GinIndex(fields=["search"], name="product_by_search"),
            GinIndex(fields=["tags"], name="product_by_tag"),
        ]

    def __str__(self) -> str:
        return self.title


class ProductOption(models.Model):
    """A choice a shopper makes, such as Size, with its values in the merchant's order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    values = ArrayField(models.CharField(max_length=255))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="option_position_unique_in_product"),
            models.UniqueConstraint(fields=["product", "name"], name="option_name_unique_in_product"),
        ]

    def __str__(self) -> str:
        return self.name


class BundlePricing(models.TextChoices):
    """Where the price of a bundle comes from."""

    OWN = "OWN", "A price of its own"
    SUM = "SUM", "The sum of what its parts cost"


class ProductVariant(models.Model):
    """What is bought: one combination of option values, with a sku, prices and stock.

    `option_values` holds one value for each option of the product, in the options' order; it is empty, and the only
    one, where the product has no options. `bundle_pricing` is empty unless the variant is a bundle of others, whose
    stock is then its stock.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=500)
    position = models.PositiveIntegerField()
    option_values = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    barcode = models.CharField(max_length=50, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    requires_shipping = models.BooleanField(default=True)
    # Each unit sold is a gift card worth what the unit costs.
    is_gift_card = models.BooleanField(default=False, db_default=False)
    # At this many free units or fewer its stock is low; null: at the shop's LOW_STOCK_THRESHOLD, if it has one.
    low_stock_threshold = models.PositiveIntegerField(null=True, blank=True)
    bundle_pricing = models.CharField(max_length=3, choices=BundlePricing, blank=True, default="", db_default="")
    image = models.ForeignKey("ProductImage", on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "option_values"], name="variant_options_unique_in_product"),
            models.CheckConstraint(
                condition=models.Q(bundle_pricing__in=["", *BundlePricing.values]), name="bundle_pricing_is_known"
            ),
        ]
        indexes = [models.Index(fields=["product", "position", "id"], name="variant_in_order")]

    def __str__(self) -> str:
        return self.sku


class ProductImage(models.Model):
    """A picture. `src` is an absolute URL, or a path below the media directory."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    src = models.CharField(max_length=1000)
    alt = models.CharField(max_length=500, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="image_position_unique_in_product"),
        ]
        indexes = [
            models.Index(fields=["src"], condition=models.Q(src__startswith="uploads/"), name="image_by_upload"),
        ]

    def __str__(self) -> str:
        return self.src
