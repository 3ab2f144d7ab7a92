"""The apps of the admin, none of which costs a shop page anything: their models wait for a request to /admin/."""

from django.apps import AppConfig, apps
from django.core import checks


class WaitingConfig(AppConfig):
    """An app whose models are imported by `cloudcart.staff.loading.load`, not when Django starts.

    Only the admin uses them, and a function that answers a shopper should start without them.
    """

    def import_models(self) -> None:
        self.models = apps.all_models[self.label]


class ContentTypesConfig(WaitingConfig):
    name = "django.contrib.contenttypes"
    default_auto_field = "django.db.models.AutoField"


class AuthConfig(WaitingConfig):
    name = "django.contrib.auth"
    default_auto_field = "django.db.models.AutoField"


class AdminConfig(WaitingConfig):
    name = "django.contrib.admin"
    default_auto_field = "django.db.models.AutoField"


class ThemeConfig(WaitingConfig):
    # Not a config of unfold's own: their module imports the whole admin.
    name = "unfold"


class StaffConfig(WaitingConfig):
    name = "cloudcart.staff"
    label = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        from cloudcart.staff.checks import check_admin

        checks.register(check_admin, checks.Tags.admin)
