"""What makes words find more than themselves: synonyms that staff keep, and the vocabulary of the shop."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from catalog.models.product import Product
from shop import clock


class SearchDocument(models.Model):
    """What a product is found by in another language than the shop's, into which some of it is translated."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="documents")
    language = models.CharField(max_length=5)
    search = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "language"], name="product_found_once_in_a_language"),
        ]
        indexes = [GinIndex(fields=["search"], name="document_by_search")]

    def __str__(self) -> str:
        return self.language


class SearchSynonym(models.Model):
    """Terms that mean the same; or, where there are `targets`, terms that find those too, but not the other way round.

    A term is one word or several, folded as `catalog.search.words` does it, with a space between them. They hold where
    the shop is read in their language; those of none, everywhere.
    """

    language = models.CharField(max_length=5, blank=True, default="")
    terms = ArrayField(models.CharField(max_length=100))
    targets = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(terms__len__gte=2) | Q(terms__len=1, targets__len__gte=1),
                name="synonym_leads_somewhere",
            )
        ]

    def __str__(self) -> str:
        said = ", ".join(self.terms)
        return f"{said} → {', '.join(self.targets)}" if self.targets else said


class SearchWord(models.Model):
    """A word that shoppers can find products by, or after a `=` the stem of one, and how many products have it.

    The language is "" for the shop's own. Counted now and then by `catalog.vocabulary`.
    """

    language = models.CharField(max_length=5, blank=True, default="")
    word = models.CharField(max_length=100)
    product_count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="word_counted_once_in_a_language")]

    def __str__(self) -> str:
        return self.word


class SearchEdition(models.Model):
    """Which edition of something that processes keep in memory is the latest, and since when."""

    name = models.CharField(max_length=20, primary_key=True)
    # Not a number: one that a transaction took back could be given out again, for other words.
    edition = models.UUIDField(default=uuid.uuid4)
    issued_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.name} of {self.issued_at}"
