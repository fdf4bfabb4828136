from django.urls import path

from reservations.views import acts, board, book, change, move, people, records, subscribing

app_name = "reservations"
urlpatterns = [
    path("", board.today, name="today"),
    path("refresh/", board.refresh_day, name="refresh_day"),
    path("week/", board.week, name="week"),
    path("<int:reservation_id>/", records.reservation, name="reservation"),
    path("<int:reservation_id>/refresh/", records.refresh_reservation, name="refresh_reservation"),
    path("subscriptions/<int:subscription_id>/", records.subscription, name="subscription"),
    path("subscriptions/<int:subscription_id>/refresh/", records.refresh_subscription, name="refresh_subscription"),
    path("acts/<uuid:act_id>/", acts.act, name="act"),
    path("acts/<uuid:act_id>/check/", acts.check, name="act_check"),
    path("acts/<uuid:act_id>/done/", acts.done, name="act_done"),
    path("acts/<uuid:act_id>/undo/", acts.undo, name="undo"),
    path("acts/<uuid:act_id>/slip/", acts.slip, name="act_slip"),
    path("book/", book.book, name="book"),
    path("book/person/<uuid:ask_id>/", book.person, name="book_person"),
    path("book/<int:customer_id>/", book.what, name="book_what"),
    path("book/<int:customer_id>/<uuid:ask_id>/", book.times, name="book_times"),
    path("book/<int:customer_id>/<uuid:ask_id>/<int:slot>/", book.confirm, name="book_confirm"),
    path("<int:reservation_id>/confirm/", change.simply, {"verb": "confirm"}, name="confirm"),
    path("<int:reservation_id>/done/", change.simply, {"verb": "finish"}, name="finish"),
    path("<int:reservation_id>/in/", change.simply, {"verb": "check_in"}, name="check_in"),
    path("<int:reservation_id>/out/", change.simply, {"verb": "check_out"}, name="check_out"),
    path("<int:reservation_id>/cancel/", change.cancel, name="cancel"),
    path("<int:reservation_id>/move/", move.reschedule, name="reschedule"),
    path("<int:reservation_id>/move/<uuid:ask_id>/", move.move_times, name="move_times"),
    path("<int:reservation_id>/move/<uuid:ask_id>/<int:slot>/", move.move, name="move"),
    path("subscribe/<int:customer_id>/", subscribing.subscribe, name="subscribe"),
    path("subscribe/<int:customer_id>/<uuid:ask_id>/", subscribing.subscribe_confirm, name="subscribe_confirm"),
    path(
        "subscriptions/<int:subscription_id>/in/", subscribing.visit, {"verb": "check_in"}, name="check_in_subscription"
    ),
    path(
        "subscriptions/<int:subscription_id>/out/",
        subscribing.visit,
        {"verb": "check_out"},
        name="check_out_subscription",
    ),
    path("subscriptions/<int:subscription_id>/pause/", subscribing.pause, name="pause"),
    path("subscriptions/<int:subscription_id>/resume/", subscribing.resume, name="resume"),
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
