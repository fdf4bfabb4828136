from django.contrib import admin
from django.urls import include, path

from config import api, errors, health
from reservations import urls as bookings

admin.autodiscover()  # with the addresses, and not in every process: workers show no pages

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("branches.urls")),
    path("vouchers/", include("vouchers.urls")),
    path("reservations/", include("reservations.urls")),
    path("loyalty/", include("loyalty.urls")),
    path("customers/", include((bookings.customers, "customers"))),
    path("api/v1/", include((api.urlpatterns, "api"))),
    path("hooks/", include("providers.urls")),
    path("", include("desk.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
