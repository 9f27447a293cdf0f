"""Attributes: what products are described by, which categories ask for them, and each product's values."""

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from catalog.models.category import Category
from catalog.models.product import Product, ProductVariant


class AttributeKind(models.TextChoices):
    """What the values of an attribute are. It never changes once the attribute is made."""

    TEXT = "TEXT", "A line of text"
    NUMBER = "NUMBER", "A number, in the attribute's unit"
    BOOLEAN = "BOOLEAN", "Yes or no"
    CHOICE = "CHOICE", "One of the attribute's choices"
    MULTI_CHOICE = "MULTI_CHOICE", "Any of the attribute's choices"
    DATE = "DATE", "A day"

    @property
    def column(self) -> str:
        """The column of `AttributeValue` that holds such a value."""
        match self:
            case AttributeKind.CHOICE | AttributeKind.MULTI_CHOICE:
                return "choice"
            case _:
                return self.value.lower()

    @property
    def has_choices(self) -> bool:
        return self.column == "choice"


# Those that a list of products can be narrowed by.
FILTERABLE = frozenset(set(AttributeKind) - {AttributeKind.TEXT, AttributeKind.DATE})


class Attribute(models.Model):
    """Something to know of products, such as their material. Written by `catalog.attributes` alone."""

    handle = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=AttributeKind)
    unit = models.CharField(max_length=20, blank=True)
    is_filterable = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AttributeKind.values), name="attribute_kind_is_known"),
            models.CheckConstraint(condition=Q(unit="") | Q(kind="NUMBER"), name="attribute_unit_is_of_numbers"),
            models.CheckConstraint(
                condition=Q(is_filterable=False) | ~Q(kind__in=("TEXT", "DATE")),
                name="attribute_filters_by_what_can_be_counted",
            ),
        ]
        indexes = [models.Index(fields=["position", "id"], name="attribute_in_order")]

    def __str__(self) -> str:
        return self.name


class AttributeChoice(models.Model):
    """One of the values that an attribute leaves to choose from."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="choices", db_index=False)
    handle = models.CharField(max_length=255)
    label = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attribute", "handle"], name="choice_handle_unique_in_attribute"),
            # Checked at commit: whoever puts choices in another order has two in one place for a moment.
            models.UniqueConstraint(
                fields=["attribute", "position"],
                name="choice_position_unique_in_attribute",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.label


class CategoryAttribute(models.Model):
    """That a category, and every one below it, describes its products by an attribute.

    Where a category below is given the same attribute again, the nearest says whether it is required.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="given_attributes", db_index=False)
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="places")
    is_required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "attribute"], name="attribute_once_in_category"),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id} in {self.category_id}"


class AttributeValue(models.Model):
    """One value of a product, or of one of its variants, in the one column that its attribute's kind calls for.

    `applies` says that the product's category or one above it has the attribute: a value that does not apply is kept
    and neither shown nor counted. `catalog.attribute_values` writes all of this.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="attribute_values", db_index=False)
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="attribute_values", null=True)
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="values", db_index=False)
    choice = models.ForeignKey(
        AttributeChoice, on_delete=models.PROTECT, related_name="values", null=True, db_index=False
    )
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    text = models.CharField(max_length=1000, null=True)  # noqa: DJ001  (null where the value is of another kind)
    boolean = models.BooleanField(null=True)
    date = models.DateField(null=True)
    applies = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        *(F(column) for column in ("choice", "number", "text", "boolean", "date")),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="attribute_value_is_of_one_kind",
            ),
            models.UniqueConstraint(
                fields=["product", "variant", "attribute", "choice"],
                name="attribute_value_once_per_product_or_variant",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            # Not only of choices: it also finds the values of an attribute, whatever its kind.
            models.Index(fields=["attribute", "choice", "product"], name="attribute_value_by_choice"),
            models.Index(
                fields=["attribute", "number", "product"],
                condition=Q(number__isnull=False),
                name="attribute_value_by_number",
            ),
            models.Index(
                fields=["attribute", "boolean", "product"],
                condition=Q(boolean__isnull=False),
                name="attribute_value_by_boolean",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute_id} of {self.product_id}"
