export const CATCHERS = "/entrepot/v1/catchers";

export interface Catcher {
  ID: string;
  Name: string | null;
  Url: string;
  Status: number;
  Body: string;
  DelayMilliseconds: number;
}

export function pathOf({ ID }: Catcher): string {
  return `${CATCHERS}/${encodeURIComponent(ID)}`;
}
