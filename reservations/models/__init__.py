from reservations.models.acts import Act
from reservations.models.asks import Ask
from reservations.models.catalogue import Place, Practitioner, Price, Product
from reservations.models.horizons import Horizon
from reservations.models.mirrors import Attendance, Reservation, Subscription

__all__ = [
    "Act",
    "Ask",
    "Attendance",
    "Horizon",
    "Place",
    "Practitioner",
    "Price",
    "Product",
    "Reservation",
    "Subscription",
]
