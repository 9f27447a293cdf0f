from django.db import migrations, models

# What shops that are older than this gave to their roles, or have taken from them since.
BEFORE = ("manage_catalog", "manage_customers", "manage_inventory", "manage_orders")


def remember(apps, schema_editor):
    """A permission that any role holds was given to them before."""
    Permission = apps.get_model("auth", "Permission")
    held = Permission.objects.filter(content_type__app_label="accounts", group__isnull=False)
    known = {*BEFORE, *held.values_list("codename", flat=True)}
    KnownPermission = apps.get_model("accounts", "KnownPermission")
    KnownPermission.objects.bulk_create(KnownPermission(codename=codename) for codename in sorted(known))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_customer_groups'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnownPermission',
            fields=[
                ('codename', models.CharField(max_length=100, primary_key=True, serialize=False)),
            ],
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
