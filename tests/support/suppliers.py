"""The demo supplier without a socket: what a function posts is answered in the same process."""

from typing import Any

import pytest

from infra.local.supplier import OK, Supplier
from infra.seed.benefits import seed_supplier
from shared.adapters import clock
from shared.adapters.suppliers import HttpSuppliers
from tests.support.cloud import SUPPLIER_PREFIX, client

URL = "https://supplier.test/orders"


def use_supplier(patch: pytest.MonkeyPatch) -> Supplier:
    """Return a supplier that the functions over moto reach; call it inside `mock_aws`."""
    supplier = Supplier(seed_supplier(client, SUPPLIER_PREFIX, URL), clock.now)

    def post(_: HttpSuppliers, url: str, headers: Any, body: bytes) -> bytes:
        assert url == URL
        status, content = supplier.answer(headers, body)
        if status != OK:
            raise ValueError("The answer is a refusal to answer.")
        return content

    patch.setattr(HttpSuppliers, "_post", post)
    return supplier
