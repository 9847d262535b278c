// Amounts to the ten-thousandth, in whole numbers, so that sums are exact.
const PARTS = 10_000;

export function exact(value: number | null | undefined): number {
  return Math.round((value ?? 0) * PARTS);
}

export function shown(parts: number, currency: string | null | undefined): string {
  const value = parts / PARTS;
  if (currency) {
    try {
      return new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: 4 }).format(value);
    } catch {
      // Whatever it is called: no currency that is known.
    }
  }
  return new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(value);
}
