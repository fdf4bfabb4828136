"""The Moroccan counter, for sales of several vouchers."""

from tests.vouchers.conftest import counter, rate, shop

__all__ = ["counter", "rate", "shop"]
