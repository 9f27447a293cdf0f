import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from catalog import search


def have_found(apps, schema_editor):
    """What is translated already is to be found by its translations at once."""
    told = apps.get_model("catalog", "Translation").objects.filter(product__isnull=False)
    for product_id in told.order_by("product_id").values_list("product_id", flat=True).distinct():
        search.refresh_translated(product_id)


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0029_translated_attributes"),
    ]

    operations = [
        # Words are counted anew every five minutes; none is worth carrying over.
        migrations.DeleteModel(name="SearchWord"),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(blank=True, default="", max_length=5)),
                ("word", models.CharField(max_length=100)),
                ("product_count", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("language", "word"), name="word_counted_once_in_a_language")
                ],
            },
        ),
        migrations.AddField(
            model_name="searchsynonym",
            name="language",
            field=models.CharField(blank=True, default="", max_length=5),
        ),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=5)),
                ("search", django.contrib.postgres.search.SearchVectorField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="catalog.product"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="document_by_search")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "language"), name="product_found_once_in_a_language"
                    )
                ],
            },
        ),
        migrations.RunPython(have_found, migrations.RunPython.noop),
    ]
