from django.urls import path

from reservations.views import board, people, records

app_name = "reservations"
urlpatterns = [
    path("", board.today, name="today"),
    path("refresh/", board.refresh_day, name="refresh_day"),
    path("week/", board.week, name="week"),
    path("<int:reservation_id>/", records.reservation, name="reservation"),
    path("<int:reservation_id>/refresh/", records.refresh_reservation, name="refresh_reservation"),
    path("subscriptions/<int:subscription_id>/", records.subscription, name="subscription"),
    path("subscriptions/<int:subscription_id>/refresh/", records.refresh_subscription, name="refresh_subscription"),
]

# Under a name of their own. They stand here because a customer's page shows bookings, and the app of the customers knows none.
customers = [
    path("", people.search, name="search"),
    path("searches/<uuid:search_id>/", people.found, name="found"),
    path("searches/<uuid:search_id>/ask/", people.ask_provider, name="ask"),
    path("<int:customer_id>/", people.customer, name="customer"),
    path("<int:customer_id>/refresh/", people.refresh, name="refresh"),
    path("<int:customer_id>/phone/", people.phone, name="phone"),
]
