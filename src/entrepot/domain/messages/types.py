"""The types of messages, by the wire's names."""

from __future__ import annotations

import enum


class MessageType(enum.StrEnum):
    """The messages that senders deliver to people (MS-3)."""

    ORDER_DECLINED = "OrderDeclined"
    ORDER_SUBMITTED = "OrderSubmitted"
    SHIPMENT_CREATED = "ShipmentCreated"
    FORGOTTEN_PASSWORD = "ForgottenPassword"  # noqa: S105 (no password)
    FORGOTTEN_USERNAME = "ForgottenUsername"
    ORDER_SUBMITTED_FOR_YOUR_APPROVAL = "OrderSubmittedForYourApproval"
    ORDER_SUBMITTED_FOR_APPROVAL = "OrderSubmittedForApproval"
    ORDER_APPROVED = "OrderApproved"
    ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED = "OrderSubmittedForYourApprovalHasBeenApproved"
    ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED = "OrderSubmittedForYourApprovalHasBeenDeclined"
    NEW_USER_INVITATION = "NewUserInvitation"
    ORDER_RETURN_DECLINED = "OrderReturnDeclined"
    ORDER_RETURN_SUBMITTED = "OrderReturnSubmitted"
    ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL = "OrderReturnSubmittedForYourApproval"
    ORDER_RETURN_SUBMITTED_FOR_APPROVAL = "OrderReturnSubmittedForApproval"
    ORDER_RETURN_APPROVED = "OrderReturnApproved"
    ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED = (
        "OrderReturnSubmittedForYourApprovalHasBeenApproved"
    )
    ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED = (
        "OrderReturnSubmittedForYourApprovalHasBeenDeclined"
    )
    ORDER_RETURN_COMPLETED = "OrderReturnCompleted"
    SUBSCRIPTION_REMINDER = "SubscriptionReminder"
    PRODUCT_COLLECTION_INVITATION_ACCEPTED = "ProductCollectionInvitationAccepted"
    PRODUCT_COLLECTION_INVITATION_DECLINED = "ProductCollectionInvitationDeclined"
    ONE_TIME_PASSWORD = "OneTimePassword"  # noqa: S105 (no password)
