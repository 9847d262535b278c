"""Refusals about approval rules."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ModifyApprovalRuleError(ApiError):
    code = "ApprovalRule.CannotModify"
    status = 403
    message = "The approval rule belongs to another company."


class DeletePendingApprovalRuleError(ApiError):
    code = "ApprovalRule.CannotDeleteIfPending"
    message = "An order waits for the approval that the rule asks for."


class DeleteApprovingGroupError(ApiError):
    code = "UserGroup.CannotDeleteApprovingGroup"
    message = "An approval rule asks the user group for its approval."
