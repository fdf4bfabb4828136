from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers.sync import CLIENTS, MIRROR
        from providers.sync import mirrored

        mirrored(MIRROR)
        mirrored(CLIENTS)
