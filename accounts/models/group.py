"""Groups of customers, such as resellers, to whom a shop sells by other prices."""

from django.conf import settings
from django.db import models


class CustomerGroup(models.Model):
    """Some customers; being in a group permits nothing, for which there are staff roles."""

    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="customer_groups", blank=True)

    def __str__(self) -> str:
        return self.title
