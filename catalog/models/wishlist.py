"""What customers want to remember: named lists of variants, which they may share by a link."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.product import ProductVariant
from shop import clock


class Wishlist(models.Model):
    """A list of one customer. Whoever has its token may read it; without one it is shared with nobody."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishlists")
    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    share_token = models.CharField(max_length=32, unique=True, null=True, editable=False)  # noqa: DJ001  (unique)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(is_default=True), name="one_default_wishlist"),
        ]

    def __str__(self) -> str:
        return self.name


class WishlistItem(models.Model):
    """A variant on a list; it stays while the variant exists, for sale or not."""

    wishlist = models.ForeignKey(Wishlist, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wishlist", "variant"], name="variant_once_on_a_wishlist"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} on {self.wishlist_id}"
