/**
 * The closed list of problems a caller may meet. Each has a page at /problems/<slug>, which is also its `type`.
 *
 * `operation` is what the answer says about the caller's idempotency key: what became of the operation, and whether trying
 * again with a NEW key is safe. It is sent wherever a key was sent.
 */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
  readonly operation?: OperationAnswer;
}

export interface OperationAnswer {
  readonly operationState: 'none' | 'in_progress' | 'completed' | 'purged' | 'unknown';
  readonly safeNewKey: boolean;
}

const NOTHING_HAPPENED: OperationAnswer = { operationState: 'none', safeNewKey: true };

export const problemCatalogue = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    meaning: 'The request could not be read, or some of its fields are wrong. Nothing was done.',
    advice: 'Correct every field named in "errors" and send the request again.',
    operation: NOTHING_HAPPENED,
  },
  'key-missing': {
    status: 400,
    title: 'Idempotency key missing',
    meaning: 'This request moves money and came without an Idempotency-Key header. Nothing was done.',
    advice: 'Make a key per intent, such as a UUID, keep it, and send it with every repeat of the request.',
    operation: NOTHING_HAPPENED,
  },
  'key-malformed': {
    status: 400,
    title: 'Idempotency key malformed',
    meaning:
      'An Idempotency-Key has 1 to 255 printable ASCII characters without comma, space and inner quote, in one header line. Nothing was done.',
    advice: 'Send one key of that form, such as a UUID.',
    operation: NOTHING_HAPPENED,
  },
  unauthorised: {
    status: 401,
    title: 'Unauthorised',
    meaning: 'The request carries no API key that is known here.',
    advice: 'Send "Authorization: Bearer <API key>".',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    meaning: 'The key is known and does not open this route.',
    advice: "Operator routes need the operator's key, customer routes a customer's.",
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    meaning: 'There is no such route, or nothing of that id that this account may see.',
    advice: 'Check the path and the account of the key.',
  },
  'operation-in-progress': {
    status: 409,
    title: 'Operation in progress',
    meaning: 'An earlier request with this key is still being worked on.',
    advice: 'Wait as long as Retry-After says and send the same request with the SAME key. A new key could act twice.',
    operation: { operationState: 'in_progress', safeNewKey: false },
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning: 'What the request asks for contradicts what is known, or comes too late. Nothing was changed.',
    advice: 'Read the resource again; "detail" says what stands against the request.',
  },
  'key-purged': {
    status: 410,
    title: 'Idempotency key purged',
    meaning: 'This key was used, and its stored answer is past its retention.',
    advice: 'Read the result at Location. A new key would act again.',
    operation: { operationState: 'purged', safeNewKey: false },
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition failed',
    meaning: 'The resource has changed since the ETag in If-Match was read. Nothing was changed.',
    advice: 'Read the resource again and repeat the change with its new ETag.',
  },
  'payload-too-large': {
    status: 413,
    title: 'Payload too large',
    meaning: 'The body is larger than this route accepts. Nothing was done.',
    advice: 'Send a smaller body, as a rule at most 64 KiB.',
    operation: NOTHING_HAPPENED,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'The body is of a type that this route does not read. Nothing was done.',
    advice: 'Send "Content-Type: application/json".',
    operation: NOTHING_HAPPENED,
  },
  'key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'This key was first sent with another request. The earlier operation stands; this request did nothing.',
    advice: 'If this is a new intent, send it with a new key. If it is a repeat, send exactly what was sent first.',
    operation: { operationState: 'completed', safeNewKey: true },
  },
  'unknown-sku': {
    status: 422,
    title: 'Unknown SKU',
    meaning: 'The order names an article that does not exist. Nothing was done.',
    advice: 'Correct the items named in "errors" and send the order again.',
    operation: NOTHING_HAPPENED,
  },
  'precondition-required': {
    status: 428,
    title: 'Precondition required',
    meaning: 'This change needs If-Match, so that it cannot overwrite what somebody else changed. Nothing was changed.',
    advice: 'Read the resource and send its ETag in If-Match.',
  },
  'rate-limited': {
    status: 429,
    title: 'Rate limited',
    meaning: 'The account has sent too many requests in the last second. Nothing was done.',
    advice: 'Wait as long as Retry-After says and send the same request with the same key.',
    operation: { operationState: 'none', safeNewKey: false },
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The service cannot reach its database, has no room for new work, or is shutting down. Whether the operation was done is unknown.',
    advice: 'Wait as long as Retry-After says and send the same request with the SAME key. A new key could act twice.',
    operation: { operationState: 'unknown', safeNewKey: false },
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemSlug = keyof typeof problemCatalogue;

export const problemKind = (slug: ProblemSlug): ProblemKind => problemCatalogue[slug];

export const isProblemSlug = (slug: string): slug is ProblemSlug => Object.hasOwn(problemCatalogue, slug);

const TYPE_PREFIX = '/problems/';

export const typeOf = (slug: ProblemSlug): string => `${TYPE_PREFIX}${slug}`;

export function slugOfType(type: string): ProblemSlug | undefined {
  const slug = type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : '';
  return isProblemSlug(slug) ? slug : undefined;
}

/** The problem of an error that knows only its status, such as Nest's and Fastify's own; none where the list has no match. */
export function slugOfStatus(status: number): ProblemSlug | undefined {
  return SLUG_BY_STATUS.get(status);
}

const SLUG_BY_STATUS: ReadonlyMap<number, ProblemSlug> = new Map([
  [400, 'invalid-request'],
  [401, 'unauthorised'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [412, 'precondition-failed'],
  [413, 'payload-too-large'],
  [415, 'unsupported-media-type'],
  [428, 'precondition-required'],
  [429, 'rate-limited'],
  [503, 'unavailable'],
]);
