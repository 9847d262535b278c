"""Every refusal that a caller can receive: one class, one wire code, one status, one message.

    ApiError          error.py
    ├── conventions   NotFoundError, ValidationError, InvalidBodyError, IdExistsError, ...
    ├── lists         InvalidPageSizeError, InvalidPropertyError, ...
    ├── access        InvalidTokenError, InsufficientRolesError, ...
    ├── grants        TokenGrantError: answers of POST /oauth/token
    └── business rules, a module for each area

The wire form is `{"Errors": [{"ErrorCode", "Message", "Data"}]}` (ERR-1); it is rendered in http/errors.py. Import
errors from here, wherever they live.
"""

from entrepot.kernel.errors.access import *
from entrepot.kernel.errors.api_clients import *
from entrepot.kernel.errors.approvals import *
from entrepot.kernel.errors.assignments import *
from entrepot.kernel.errors.batches import *
from entrepot.kernel.errors.bundles import *
from entrepot.kernel.errors.catalog import *
from entrepot.kernel.errors.catchers import *
from entrepot.kernel.errors.checkout import *
from entrepot.kernel.errors.clock import *
from entrepot.kernel.errors.collections import *
from entrepot.kernel.errors.company_assets import *
from entrepot.kernel.errors.configuration import *
from entrepot.kernel.errors.conventions import *
from entrepot.kernel.errors.dashboards import *
from entrepot.kernel.errors.deliveries import *
from entrepot.kernel.errors.error import *
from entrepot.kernel.errors.events import *
from entrepot.kernel.errors.expressions import *
from entrepot.kernel.errors.faults import *
from entrepot.kernel.errors.grants import *
from entrepot.kernel.errors.group_orders import *
from entrepot.kernel.errors.identity import *
from entrepot.kernel.errors.integrations import *
from entrepot.kernel.errors.inventory import *
from entrepot.kernel.errors.lists import *
from entrepot.kernel.errors.mcp import *
from entrepot.kernel.errors.openid import *
from entrepot.kernel.errors.orders import *
from entrepot.kernel.errors.organizations import *
from entrepot.kernel.errors.payments import *
from entrepot.kernel.errors.portal import *
from entrepot.kernel.errors.pricing import *
from entrepot.kernel.errors.products import *
from entrepot.kernel.errors.promotions import *
from entrepot.kernel.errors.recordings import *
from entrepot.kernel.errors.repeating import *
from entrepot.kernel.errors.returns import *
from entrepot.kernel.errors.shipments import *
from entrepot.kernel.errors.snapshots import *
from entrepot.kernel.errors.subscriptions import *
