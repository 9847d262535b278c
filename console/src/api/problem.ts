/** One entry of an answer that refuses, as the API has it. */
export interface ApiError {
  ErrorCode: string;
  Message: string;
  Data?: unknown;
}

/** What went wrong, be it a refusal of the API, through whichever client, or a server that does not answer. */
export interface Problem {
  /** 0: no answer. */
  status: number;
  title: string;
  errors: ApiError[];
  requestID?: string;
}

/** An answer that refuses, to calls that are made without an SDK. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly requestID?: string,
  ) {
    super(`The server answers ${status}.`);
  }
}

/** The parts of an SDK's error (OrderCloudError, or axios's own) that are read here. */
interface SdkError {
  status?: number;
  response?: { status?: number; data?: unknown; headers?: Record<string, unknown> };
}

const TITLES: Record<number, string> = {
  0: "The server does not answer",
  400: "The server refuses this",
  401: "The session has ended",
  403: "This user may not do that",
  404: "This is not there",
  409: "This conflicts with what is there",
  429: "Too many attempts",
  503: "The server is not ready",
};

export function isRefused(error: unknown): boolean {
  const { status } = problemOf(error);
  return status >= 400 && status < 500;
}

export function problemOf(error: unknown): Problem {
  const sdk = error as SdkError;
  const refused = error instanceof Refusal;
  const status = refused ? error.status : (sdk.response?.status ?? sdk.status ?? 0);
  const body = refused ? error.body : sdk.response?.data;
  const requestID = refused ? error.requestID : sdk.response?.headers?.["x-request-id"];
  const errors = errorsIn(body);
  if (status === 0 && errors.length === 0 && !isTransport(error)) {
    return { status: -1, title: "Something went wrong in the console", errors: [{ ErrorCode: "", Message: String(error) }] };
  }
  return {
    status,
    title: TITLES[status] ?? `The server answers ${status}`,
    errors,
    ...(typeof requestID === "string" && { requestID }),
  };
}

function isTransport(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof TypeError || code === "ERR_NETWORK" || code === "ECONNABORTED" || code === "ETIMEDOUT";
}

function errorsIn(body: unknown): ApiError[] {
  if (typeof body !== "object" || body === null) return [];
  const { Errors, error_description } = body as { Errors?: ApiError[]; error_description?: string };
  if (Array.isArray(Errors)) return Errors;
  return error_description === undefined ? [] : [{ ErrorCode: "", Message: error_description }];
}

/** The server's errors by the field that they are about; those of no field under "". */
export function byField(fields: string[], errors: ApiError[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const error of errors) {
    const name = fields.find((field) => isAbout(error, field)) ?? "";
    found[name] = found[name] === undefined ? error.Message : `${found[name]} ${error.Message}`;
  }
  return found;
}

function isAbout({ Message, Data }: ApiError, name: string): boolean {
  const { Property, Field } = (Data ?? {}) as { Property?: unknown; Field?: unknown };
  const property = Property ?? Field;
  if (typeof property === "string") return property === name || property.startsWith(`${name}.`) || property.startsWith(`${name}[`);
  return Message.split(/\W+/).includes(name);
}
