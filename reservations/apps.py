from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = _("Bookings")

    def ready(self) -> None:
        from providers.hooks import heard
        from providers.operations import register
        from providers.sync import mirrored
        from providers.timeline import spoken_in
        from reservations.effects import EFFECTS
        from reservations.evidence import BOOKINGS
        from reservations.hearing import HEARD
        from reservations.sync import KIND, MIRRORS

        for effect in EFFECTS:
            register(effect)
        for mirror in MIRRORS.values():
            mirrored(mirror)
        heard(KIND, HEARD)
        spoken_in(KIND, BOOKINGS)
