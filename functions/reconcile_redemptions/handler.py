"""See to redemptions that hang, and end those whose time is up.

A schedule, every few minutes. What is due comes from the store, so a run too many does no harm.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.queues import OrdersQueue
from shared.adapters.suppliers import HttpSuppliers
from shared.adapters.vouchers import KmsVouchers
from shared.application.reconcile_redemptions import reconcile_redemptions
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
ORDERS = OrdersQueue(setting("FULFILMENT_QUEUE_URL"))
SUPPLIERS = HttpSuppliers(setting("SUPPLIER_SECRET_PREFIX"))
VOUCHERS = KmsVouchers(setting("VOUCHER_KEY"))


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return how many were sent again, and how many ended in which state."""
    counts = reconcile_redemptions(
        ACCOUNTS, DOCUMENTS, SUPPLIERS, VOUCHERS, ORDERS, now=clock.now(), pause=chance.pause
    )
    ends = {state: number for state, number in counts.items() if state not in {"sent", "held"}}
    count({f"Redemptions{state.title()}": number for state, number in ends.items()})
    count({"RedemptionsSentAgain": counts["sent"], "OverdueRedemption": counts.get("held", 0)})
    logger.info("reconciled", extra=counts)
    return counts
