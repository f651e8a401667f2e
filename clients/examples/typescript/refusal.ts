import { ServiceError, status as Code } from "@grpc/grpc-js";
import { ErrorInfo, LocalizedMessage, RetryInfo } from "./google/rpc/error_details.js";
import { Status } from "./google/rpc/status.js";
import { DecisionDetail } from "./veilgate/v1/policy.js";

/** What the google.rpc.Status details of a refused call say; its message is for people. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    readonly texts: ReadonlyMap<string, string>,
    readonly decision: DecisionDetail | undefined,
    readonly retryAfterMs: number | undefined,
  ) {
    const change = decision?.smallestChangeEn
      ? [`smallest change: ${decision.smallestChangeEn}`, decision.smallestChangeZh]
      : [];
    super([`${reason}: ${texts.get("en")}`, texts.get("zh"), ...change].join("\n"));
  }
}

/** Returns a Refusal where the gateway gave a reason, and otherwise the error itself. */
export function asRefusal(error: ServiceError): Error {
  const [packed] = error.metadata.get("grpc-status-details-bin");
  if (!(packed instanceof Buffer)) return error;
  const { details } = Status.decode(packed);
  const unpack = <T>(name: string, kind: { decode(bytes: Uint8Array): T }): T[] =>
    details.filter((one) => one.typeUrl.endsWith(`/${name}`)).map((one) => kind.decode(one.value));
  const [info] = unpack("google.rpc.ErrorInfo", ErrorInfo);
  const [decision] = unpack("veilgate.v1.DecisionDetail", DecisionDetail);
  const [retry] = unpack("google.rpc.RetryInfo", RetryInfo);
  const texts = unpack("google.rpc.LocalizedMessage", LocalizedMessage);
  const delay = retry?.retryDelay;
  if (info?.domain !== "veilgate.v1") return error;
  return new Refusal(
    info.reason,
    new Map(texts.map(({ locale, message }) => [locale, message])),
    decision,
    delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  );
}

/** How long to wait, in milliseconds, before the same request may succeed; undefined where it will not. */
export function retryAfter(error: unknown): number | undefined {
  if (error instanceof Refusal) return error.retryAfterMs;
  const { code } = error as ServiceError;
  return code === Code.UNAVAILABLE || code === Code.DEADLINE_EXCEEDED ? 1000 : undefined;
}
