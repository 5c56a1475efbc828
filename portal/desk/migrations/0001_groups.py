from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from portal.desk.groups import write_groups

APPS = ("accounts", "audit", "notifications", "vendor", "licensing", "billing")


def add_groups(apps, schema_editor):
    # Permissions are usually made after the last migration, which is too late for the groups.
    for label in APPS:
        create_permissions(installed.get_app_config(label), apps=apps, verbosity=0)
    write_groups(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        *((label, "__first__") for label in APPS),
    ]

    operations = [migrations.RunPython(add_groups, migrations.RunPython.noop)]
