from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0020_shipping_class_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='fulfillment',
            name='delivered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fulfillment',
            name='parcels',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.RunSQL(
            """
            UPDATE checkout_fulfillment
            SET parcels = jsonb_build_array(jsonb_build_object('number', tracking_number, 'url', tracking_url))
            WHERE tracking_number <> '' OR tracking_url <> ''
            """,
            """
            UPDATE checkout_fulfillment
            SET tracking_number = parcels -> 0 ->> 'number', tracking_url = parcels -> 0 ->> 'url'
            WHERE jsonb_array_length(parcels) > 0
            """,
        ),
        migrations.RemoveField(
            model_name='fulfillment',
            name='tracking_number',
        ),
        migrations.RemoveField(
            model_name='fulfillment',
            name='tracking_url',
        ),
    ]
