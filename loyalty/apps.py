from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty cards")

    def ready(self) -> None:
        from loyalty.effects import EFFECTS
        from loyalty.evidence import CARDS
        from loyalty.hearing import HEARD
        from loyalty.selectors.figures import FIGURES
        from loyalty.sync import KIND, MIRRORS
        from providers.figures import figured
        from providers.hooks import heard
        from providers.operations import register
        from providers.sync import mirrored
        from providers.timeline import spoken_in

        for effect in EFFECTS:
            register(effect)
        for mirror in MIRRORS.values():
            mirrored(mirror)
        spoken_in(KIND, CARDS)
        heard(KIND, HEARD)
        figured(KIND, FIGURES)
