"""Order what was redeemed from its supplier, and settle or release the hold.

SQS fulfilment queue. Reports exactly the messages that must come again; no code is ever logged.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.adapters import chance, clock
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.messages import read_order
from shared.adapters.suppliers import HttpSuppliers
from shared.adapters.vouchers import KmsVouchers
from shared.application.fulfil_redemptions import fulfil_redemptions
from shared.runtime.batch import failures, read_batch
from shared.runtime.settings import setting
from shared.runtime.telemetry import count, logger

ACCOUNTS = AccountTables(
    setting("ACCOUNTS_TABLE"),
    entries=setting("ENTRIES_TABLE"),
    documents=setting("DOCUMENTS_TABLE"),
)
DOCUMENTS = DocumentTable(setting("DOCUMENTS_TABLE"))
SUPPLIERS = HttpSuppliers(setting("SUPPLIER_SECRET_PREFIX"))
VOUCHERS = KmsVouchers(setting("VOUCHER_KEY"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Order each message's redemption."""
    orders, poison = read_batch(event, read_order)
    done = fulfil_redemptions(
        ACCOUNTS, DOCUMENTS, SUPPLIERS, VOUCHERS, orders=orders, now=clock.now(), pause=chance.pause
    )
    states = {f"Redemptions{state.title()}": number for state, number in done.states.items()}
    count({**states, "SuppliersUnclear": done.unclear, "PoisonMessages": len(poison)})
    count({"UnclaimedVoucher": done.unclaimed})
    logger.info(
        "fulfilled",
        extra={"orders": len(orders), "failed": len(done.failed), "unclear": done.unclear},
    )
    return failures(done.failed | poison)
