"""Permissions that the stock roles were given, so that each is given once."""

from django.db import models


class KnownPermission(models.Model):
    """A permission that was there when the shop was last migrated; what roles hold of it is the merchant's since."""

    codename = models.CharField(max_length=100, primary_key=True)

    def __str__(self) -> str:
        return self.codename
