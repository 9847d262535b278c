"""GET /entrepot/v1/explain/requests: why a request of a user is refused with 401, 403 or 404."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.types import Bool, Id, Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.authorization import refusal_of
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.query import parameters
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.explaining.logins import Entered, login
from entrepot.features.people.explaining.models import ExplainedStep, StepOutcome
from entrepot.features.people.explaining.role_steps import role_step
from entrepot.features.people.explaining.steps import COMMON, ROOT, passed, reason, row, step
from entrepot.features.people.explaining.surface import Destination, Surface
from entrepot.features.people.explaining.trying import tried
from entrepot.features.people.explaining.walls import wall_step
from entrepot.features.people.services import services
from entrepot.kernel.errors import ApiError, NotFoundError, RouteNotFoundError
from entrepot.kernel.errors import MethodNotAllowedError as VerbError

Values = dict[str, Any]

OF_API = ("/v1/", "/entrepot/", "/oauth/")


class RequestExplanation(Wire):
    """What a request of a user would be answered with, as far as its token, its verb and its path decide, and why. Status: null where
    they do not refuse it and only doing it could tell; a read is done, and its answer thrown away. SufficientRoles: any one of them
    opens the operation; Roles: those of the token. ClientID: through which the user logs in.
    """

    Verb: Text = column(read_only=True)
    Path: Text = column(read_only=True)
    OperationID: Text = column(read_only=True, nullable=True)
    Username: Text = column(read_only=True)
    UserType: Text = column(read_only=True)
    CompanyID: Id = column(read_only=True)
    ClientID: Id = column(read_only=True, nullable=True)
    SufficientRoles: list[Text] = column(read_only=True)
    Roles: list[Text] = column(read_only=True)
    IsRefused: Bool = column(read_only=True)
    Status: Int = column(read_only=True, nullable=True)
    ErrorCode: Text = column(read_only=True, nullable=True)
    Reason: Text = column(read_only=True)
    Steps: list[ExplainedStep] = column(read_only=True)


@dataclass(slots=True)
class Explaining:
    """What has come out so far."""

    steps: list[Values] = field(default_factory=list)
    status: int | None = None
    refusal: ApiError | None = None

    def refuse(self, refusal: ApiError, status: int | None = None) -> None:
        self.refusal, self.status = refusal, status or refusal.status


@operation(
    "Explanations.Request",
    "GET",
    f"{ROOT}/requests",
    **COMMON,
    summary="Why a request of a user is refused, or is not",
    description="Whether the user can log in, which roles are needed and which it has through which security profiles, whether what "
    "the path names is there, and what hides it. Nothing is written; a read is done as the user and its answer thrown away.",
    query=(
        QueryParameter("username", required=True, description="Whose request it is."),
        QueryParameter("verb", required=True, description="As sent: GET, POST ..."),
        QueryParameter(
            "path",
            required=True,
            description="As sent, with or without a query: /v1/me/products/tee.",
            confidential=True,
        ),
        QueryParameter(
            "clientID",
            description="The API client that the user has logged in through; by default the first that lets it in.",
        ),
        QueryParameter("scope", description="The roles that the token was asked for; by default all."),
    ),
    returns=Returns(RequestExplanation),
    errors=(NotFoundError,),
    confirms=True,
    table="users",
)
async def explain_request(call: Call) -> Reply:
    """Seven statements at the most, and those of a read twice: as the user, and to tell of what is not there as the caller."""
    await confirm_standing(call)
    given = parameters(call)
    verb, (path, _, query) = given["verb"].upper(), given["path"].partition("?")
    entered = await login(call, given["username"], given.get("clientID"), given.get("scope"))
    found = Explaining()
    led = services(call).memory(Surface).lead(verb, path)
    declared = None if led is None else led.operation
    await _explain(call, found, entered, verb, path, query, led)
    return Reply(
        {
            "Verb": verb,
            "Path": given["path"],
            "OperationID": declared and declared.id,
            "Username": entered.username,
            "UserType": entered.user_type.value,
            "CompanyID": entered.company,
            "ClientID": entered.client_id,
            "SufficientRoles": list(declared.roles) if declared else [],
            "Roles": sorted(entered.principal.roles) if entered.principal else [],
            "IsRefused": found.refusal is not None,
            "Status": found.status,
            "ErrorCode": found.refusal and found.refusal.items()[0].code,
            "Reason": reason(found.steps),
            "Steps": found.steps,
        }
    )


async def _explain(
    call: Call, found: Explaining, entered: Entered, verb: str, path: str, query: str, led: Destination | None
) -> None:
    """The steps in the order of the pipeline, up to the one that decides."""
    if led is None or led.operation is None:
        _no_route(found, verb, path, led)
        return
    target = led.operation
    found.steps.append(_route_step(target))
    if target.public:
        found.steps.append(step("Public", StepOutcome.PASSED, "Nobody needs a token for it", decides=True))
        return
    principal = entered.principal
    refused = entered.refusal is not None or principal is None
    found.steps.append(step("Login", passed(not refused), entered.message, entered.rows, decides=refused))
    if principal is None:
        if entered.refusal is not None:
            found.refuse(entered.refusal, 401)
        return
    closed = refusal_of(target, principal)
    found.steps += [await role_step(call, target, entered, principal), _kind_step(target, principal)]
    if closed is not None:
        found.refuse(closed)
        return
    await _try(call, found, principal, target, verb, path, query, led)


async def _try(
    call: Call,
    found: Explaining,
    principal: Principal,
    target: Operation,
    verb: str,
    path: str,
    query: str,
    led: Destination,
) -> None:
    """What the path names: by a read of it, or of the nearest thing on the way to it."""
    trial = await tried(call, principal, target, verb, path, query)
    if trial is None or (trial.refusal is None and not trial.is_exact):
        message = "Neither token nor path refuse it; whether it succeeds only doing it could tell"
        found.steps.append(step("Answer", StepOutcome.NOTED, message, decides=True))
    elif trial.refusal is None:
        found.status = target.status
        found.steps.append(step("Answer", StepOutcome.PASSED, "It is answered", decides=True))
    elif isinstance(trial.refusal, NotFoundError):
        found.refuse(trial.refusal)
        found.steps.append(await wall_step(call, principal, trial))
    elif trial.is_exact:
        found.refuse(trial.refusal)
        item = trial.refusal.items()[0]
        found.steps.append(step("Answer", StepOutcome.FAILED, f"{item.code}: {item.message}", decides=True))
    else:
        message = f"{trial.operation.id} of the same path is refused ({trial.refusal.code}); this is another operation"
        found.steps.append(step("Answer", StepOutcome.NOTED, message, decides=True))


def _no_route(found: Explaining, verb: str, path: str, led: Destination | None) -> None:
    if led is not None:
        found.refuse(VerbError(verb, led.allowed))
        message = f"At this path there is no {verb}, but {', '.join(led.allowed)}"
    else:
        message = "No operation stands at this path"
        if path.startswith(OF_API):
            found.refuse(RouteNotFoundError(verb, path))
    found.steps.append(step("Operation", StepOutcome.FAILED, message, decides=True))


def _route_step(target: Operation) -> Values:
    says = row("Operation", target.id, target.summary)
    return step("Operation", StepOutcome.PASSED, f"The path leads to {target.id}", [says])


def _kind_step(target: Operation, principal: Principal) -> Values:
    """The kind of user: after the roles, which say nothing of it."""
    holds = principal.holds_any(target.roles)
    admitted = principal.user_type in target.user_types
    kinds = ", ".join(sorted(each.value for each in target.user_types))
    message = f"It is for users of: {kinds}; this one is of {principal.user_type.value}"
    return step("UserType", passed(admitted), message, decides=holds and not admitted)


OPERATIONS: tuple[Operation, ...] = (explain_request,)
