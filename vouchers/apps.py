from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VouchersConfig(AppConfig):
    name = "vouchers"
    verbose_name = _("Vouchers")

    def ready(self) -> None:
        from providers.operations import register
        from providers.operations.reread import also_reread
        from vouchers.effects import RedeemVouchers
        from vouchers.reread import LookedUp

        register(RedeemVouchers())
        also_reread(LookedUp())
