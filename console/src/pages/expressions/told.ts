/** What the server says of expressions (docs/guide/expressions.md). */
import type { ExplainedClause, ExplainedValue } from "../why/explained";

export type Kind = "OrderPromotion" | "LineItemPromotion" | "ApprovalRule" | "SellerApprovalRule";

export interface Root {
  Name: string;
  Of: string;
  Within: "Anywhere" | "LineFilter" | "ArrayFilter";
  About: string;
}

export interface Language {
  Kind: Kind;
  Expressions: { Name: string; MaxLength: number; IsCondition: boolean }[];
  Roots: Root[];
  Approvable: string | null;
}

export interface Path {
  Path: string;
  Type: string | null;
  Sample: string | null;
}

export interface Spoken {
  Name: string;
  On: "Nothing" | "LineItems" | "Product" | "Property" | "Array" | "Approvable";
  Shape: string;
  About: string;
  Least: number;
  Most: number | null;
}

export interface Vocabulary {
  Kinds: Language[];
  Records: { Of: string; Paths: Path[] }[];
  Functions: Spoken[];
  Operators: { Symbols: string[]; About: string; Binds: number }[];
  Literals: { Example: string; About: string }[];
  MaxDepth: number;
}

export interface Fault {
  Property: string | null;
  ErrorCode: string;
  Message: string;
  Position: number | null;
  Length: number | null;
}

export interface Check {
  IsValid: boolean;
  Faults: Fault[];
}

export interface TriedLine {
  LineItemID: string;
  ProductID: string;
  Quantity: number;
  LineSubtotal: number;
  IsEligible: boolean;
  Value: number | null;
  Amount: number;
}

export interface TriedPromotion {
  IsEligible: boolean;
  Value: number | null;
  Amount: number;
  Before: number;
  TooManySteps: boolean;
  Eligible: ExplainedClause[];
  Parts: ExplainedValue[];
  Lines: TriedLine[];
  MoreLines: number;
}

export interface TriedRule {
  Holds: boolean;
  RequiresApproval: boolean;
  ApprovedAtOnce: boolean;
  ApprovedRules: string[];
  TooManySteps: boolean;
  Clauses: ExplainedClause[];
}

export interface Trial {
  OrderID: string;
  OrderReturnID: string | null;
  Status: string;
  Currency: string | null;
  Subtotal: number;
  Total: number;
  Promotion: TriedPromotion | null;
  Rule: TriedRule | null;
}
