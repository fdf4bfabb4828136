from django.contrib import admin
from django.urls import include, path

from config import health
from desk import errors
from reservations import urls as bookings

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("branches.urls")),
    path("vouchers/", include("vouchers.urls")),
    path("reservations/", include("reservations.urls")),
    path("loyalty/", include("loyalty.urls")),
    path("customers/", include((bookings.customers, "customers"))),
    path("hooks/", include("providers.urls")),
    path("", include("desk.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
