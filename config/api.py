"""The addresses of the partner API. What stands behind one, each domain says in its own `api`; here they are put together."""

from django.urls import path

from branches.api.places import Branches
from customers.api import Customers, OneCustomer
from loyalty import api as loyalty
from partners import views as reference
from providers import api as operations
from reservations import api as reservations
from vouchers import api as vouchers

urlpatterns = [
    path("branches", Branches.as_view(), name="branches"),
    path("vouchers/verify", vouchers.Verify.as_view(), name="verify"),
    path("redemptions", vouchers.Redemptions.as_view(), name="redemptions"),
    path("redemptions/<uuid:redemption_id>", vouchers.OneRedemption.as_view(), name="redemption"),
    path("customers", Customers.as_view(), name="customers"),
    path("customers/<int:customer_id>", OneCustomer.as_view(), name="customer"),
    path("loyalty/card-types", loyalty.CardTypes.as_view(), name="card_types"),
    path("loyalty/cards", loyalty.Cards.as_view(), name="cards"),
    path("loyalty/cards/<int:card_id>", loyalty.OneCard.as_view(), name="card"),
    path("loyalty/cards/<int:card_id>/transactions", loyalty.Transactions.as_view(), name="card_transactions"),
    path("loyalty/cards/<int:card_id>/points", loyalty.Points.as_view(), name="card_points"),
    path("loyalty/visits/<str:visit_id>/withdrawals", loyalty.Withdrawals.as_view(), name="withdrawals"),
    path("loyalty/visits/<str:visit_id>/withdrawals/<int:card_id>", loyalty.OneWithdrawal.as_view(), name="withdrawal"),
    path("loyalty/visits/<str:visit_id>/programs", loyalty.Programs.as_view(), name="programs"),
    path(
        "loyalty/visits/<str:visit_id>/programs/<int:card_id>/<int:program_id>",
        loyalty.OneProgram.as_view(),
        name="program",
    ),
    path("products", reservations.Products.as_view(), name="products"),
    path("slots", reservations.Slots.as_view(), name="slots"),
    path("reservations", reservations.Reservations.as_view(), name="reservations"),
    path("reservations/<int:reservation_id>", reservations.OneReservation.as_view(), name="reservation"),
    path("reservations/<int:reservation_id>/confirm", reservations.Confirm.as_view(), name="confirm"),
    path("reservations/<int:reservation_id>/cancel", reservations.Cancel.as_view(), name="cancel"),
    path("reservations/<int:reservation_id>/reschedule", reservations.Reschedule.as_view(), name="reschedule"),
    path("reservations/<int:reservation_id>/done", reservations.Done.as_view(), name="done"),
    path("subscriptions", reservations.Subscriptions.as_view(), name="subscriptions"),
    path("subscriptions/<int:subscription_id>/pause", reservations.Pause.as_view(), name="pause"),
    path("subscriptions/<int:subscription_id>/resume", reservations.Resume.as_view(), name="resume"),
    path("attendances", reservations.Attendances.as_view(), name="attendances"),
    path("operations", operations.Operations.as_view(), name="operations"),
    path("operations/<uuid:operation_id>", operations.OneOperation.as_view(), name="operation"),
    path("sync/runs", operations.Runs.as_view(), name="runs"),
    path("schema/", reference.schema, name="schema"),
    path("docs/", reference.page, name="docs"),
]
