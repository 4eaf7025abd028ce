/** What the API takes on, security.md section f. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
  /** A request whose input is JSON. */
  jsonBody: 1 << 20,
  /** An import's file. */
  upload: 4 * 2 ** 30,
  /** For the whole of a JSON body. */
  jsonBodyTime: 30_000,
  /** Between two pieces of an upload, while we are waiting for the client. */
  uploadIdleTime: 30_000,
  /** Bytes a second that an upload brings on the average of the time that we wait for it, the idle time left aside. */
  uploadRate: 256,
  /** How long a client may leave a stream unread. */
  stallTime: 60_000,
  /** An empty line in a stream that has nothing to say, so that both ends know of each other. */
  heartbeat: 10_000,
  /** How often the rights behind running calls are looked at again. */
  recheck: 500,
  headersTime: 10_000,
  handshakeTime: 10_000,
  headerSize: 16 * 1024,
  /** All, and of one address (of IPv6 a /64), for which listed proxies do not count. */
  connections: 2_000,
  connectionsOfAddress: 256,
  /** Requests under way: all, of one caller, and of an address that shows no credentials. */
  requests: 256,
  requestsOfCaller: 64,
  requestsOfStranger: 16,
  /** Wrong credentials that an address may show in an hour. */
  wrongCredentials: 100,
  /** Answers kept for the idempotency keys of one caller: how many, and of how many bytes together. */
  answersOfCaller: 20_000,
  answerBytesOfCaller: 64 * 2 ** 20,
} as const;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };
