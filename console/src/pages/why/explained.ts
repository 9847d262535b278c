/** What the explanations of the server have in common (docs/guide/why.md). */
export interface ExplainedRow {
  Type: string;
  ID: string;
  Says: string;
  Decides: boolean;
  Operation: string | null;
  Path: string | null;
}

export interface ExplainedStep {
  Step: string;
  Outcome: "Passed" | "Failed" | "Noted";
  Decides: boolean;
  Message: string;
  Rows: ExplainedRow[];
  More: number;
}

export interface ExplainedValue {
  Part: string;
  Value: string;
}

export interface ExplainedClause {
  LineItemID: string | null;
  Clause: string;
  Position: number;
  Value: string | null;
  Holds: boolean | null;
  Fails: boolean;
  Values: ExplainedValue[];
}

export interface ExplainedPromotion {
  ID: string;
  Code: string | null;
  Name: string | null;
  LineItemLevel: boolean;
  IsApplied: boolean;
  IsEligible: boolean;
  ErrorCode: string | null;
  Position: number | null;
  Amount: number;
  Reason: string;
  EligibleExpression: string;
  ValueExpression: string | null;
  Eligible: ExplainedClause[];
  Value: ExplainedValue[];
  Steps: ExplainedStep[];
}

export interface ProductExplanation {
  Visible: boolean;
  Reason: string;
  Currency: string | null;
  PriceScheduleID: string | null;
  Quantity: number | null;
  UnitPrice: number | null;
  IsOnSale: boolean;
  DiscountID: string | null;
  DiscountPercent: number | null;
  QuantityAvailable: number | null;
  Steps: ExplainedStep[];
}

export interface RequestExplanation {
  OperationID: string | null;
  UserType: string;
  CompanyID: string;
  ClientID: string | null;
  SufficientRoles: string[];
  Roles: string[];
  IsRefused: boolean;
  Status: number | null;
  ErrorCode: string | null;
  Reason: string;
  Steps: ExplainedStep[];
}

export interface PromotionsExplanation {
  OrderID: string;
  Status: string;
  FromUserID: string;
  Subtotal: number;
  PromotionDiscount: number;
  Total: number;
  Promotions: ExplainedPromotion[];
}
