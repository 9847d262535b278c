// What the server's dashboards answer.

export interface Span {
  From: string;
  To: string;
  BucketSeconds: number;
  IsPartial: boolean;
}

interface Point {
  Date: string;
}

export interface Series {
  Currency: string | null;
  Orders: number;
  Revenue: number;
  Canceled: number;
  Points: (Point & { Orders: number; Revenue: number })[];
}

export interface Orders extends Span {
  Series: Series[];
}

export interface Products extends Span {
  Products: { ProductID: string; Name: string | null; Currency: string | null; Quantity: number; Revenue: number; Orders: number }[];
}

export interface Carts extends Span {
  Begun: number;
  Filled: number;
  Submitted: number;
  Points: (Point & { Begun: number; Filled: number; Submitted: number })[];
}

export interface Traffic extends Span {
  IsSampled: boolean;
  Requests: number;
  Refused: number;
  Failed: number;
  Points: (Point & { Requests: number; Refused: number; Failed: number })[];
  Operations: { Operation: string; Requests: number; Refused: number; Failed: number; Median: number; Slow: number; Slowest: number }[];
}

export interface Standing {
  Delivered: number;
  Failed: number;
  Waiting: number;
  Cancelled: number;
}

export interface Deliveries extends Span, Standing {
  Points: (Point & Standing)[];
  Targets: (Standing & { Integration: string; IntegrationID: string; Target: string })[];
}

/** An amount in its currency; a plain one where orders have none. */
export function money(amount: number, currency: string | null): string {
  if (currency === null) return amount.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  try {
    return amount.toLocaleString(undefined, { style: "currency", currency });
  } catch {
    return `${amount.toLocaleString()} ${currency}`;
  }
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : (part / whole).toLocaleString(undefined, { style: "percent", maximumFractionDigits: 1 });
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const TIME_OF_DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** When buckets begin, as an axis has it. */
export function labels(span: Span, points: Point[]): string[] {
  const format = span.BucketSeconds < 3_600 ? TIME : span.BucketSeconds < 86_400 ? TIME_OF_DAY : DAY;
  return points.map(({ Date: at }) => format.format(new Date(at)));
}
