"""What all explanations are made of: steps, and the rows that decide them."""

from __future__ import annotations

import enum

from entrepot.declare.types import Bool, Int, Text
from entrepot.declare.wire import Wire, column


class StepOutcome(enum.StrEnum):
    """How a step ends. Noted: it decides nothing here, and is told because somebody would ask for it."""

    PASSED = "Passed"
    FAILED = "Failed"
    NOTED = "Noted"


class ExplainedRow(Wire):
    """Something that a decision was made of. Operation and Path: what shows it, where something does; assignments by their list.
    Decides: whether the step ends as it does because of it.
    """

    Type: Text = column(read_only=True, required=True)
    ID: Text = column(read_only=True, required=True)
    Says: Text = column(read_only=True, required=True)
    Decides: Bool = column(read_only=True)
    Operation: Text = column(read_only=True, nullable=True)
    Path: Text = column(read_only=True, nullable=True)


class ExplainedStep(Wire):
    """One step of a decision. Rule: in the words of the guide. More: rows beyond those shown."""

    Step: Text = column(read_only=True, required=True)
    Outcome: StepOutcome = column(read_only=True, required=True)
    Decides: Bool = column(
        read_only=True, description="Whether the answer is what it is because of this step."
    )
    Message: Text = column(read_only=True, required=True)
    Rows: list[ExplainedRow] = column(read_only=True)
    More: Int = column(read_only=True)
