// Asks a Veilgate gateway what it would release of one record, then for the record.
// Exit status: 0 a record, 1 a failure without a reason, 2 a wrong command line, 3 a refusal.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { CallOptions, Metadata, ServiceError } from "@grpc/grpc-js";
import { openGateway } from "./channel.js";
import { asRefusal, Refusal, retryAfter } from "./refusal.js";
import {
  ExchangeServiceClient,
  ExplainAccessRequest,
  GetRecordRequest,
  GetRecordResponse,
} from "./veilgate/v1/exchange.js";
import { operatorToJSON, withheldBecauseToJSON } from "./veilgate/v1/policy.js";
import { IdentifierType, SubjectIdentifier } from "./veilgate/v1/subject.js";

const USAGE = "usage: PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE], or SUBJECT_FILE in the environment";
const DEADLINE_MS = 10_000;
const TRIES = 3;

type Method<Q, A> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, answer: A) => void,
) => unknown;

// The deadline is the gateway's too: it stops where nobody waits any more.
function call<Q, A>(method: Method<Q, A>, request: Q): Promise<A> {
  return new Promise((resolve, reject) => {
    method(request, new Metadata(), { deadline: Date.now() + DEADLINE_MS }, (error, answer) =>
      error ? reject(asRefusal(error)) : resolve(answer),
    );
  });
}

// Sends the very same request again where that can help: by its request id the gateway counts one
// use, even where it released a record whose answer was lost.
async function getRecord(
  gateway: ExchangeServiceClient,
  request: GetRecordRequest,
): Promise<GetRecordResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(gateway.getRecord.bind(gateway), request);
    } catch (error) {
      const wait = retryAfter(error);
      if (wait === undefined || attempt === TRIES) throw error;
      await pause(wait);
    }
  }
}

function show(record: GetRecordResponse): void {
  console.log(`record: event=${record.eventId} log_index=${record.logIndex}`);
  for (const { field, operator, value } of record.fields) {
    console.log(`${field} = ${value?.value} (${operatorToJSON(operator)})`);
  }
  for (const { field, because } of record.withheld) {
    console.log(`${field} withheld (${withheldBecauseToJSON(because)})`);
  }
}

async function ask(
  gateway: ExchangeServiceClient,
  wanted: { subject: SubjectIdentifier; dataset: string; purpose: string },
): Promise<void> {
  // Never sent again: a question has no request id, and each one is recorded.
  const question = ExplainAccessRequest.fromPartial(wanted);
  const { decision } = await call(gateway.explainAccess.bind(gateway), question);
  console.log(`decision: allow=${decision?.allow} rule=${decision?.rule}`);
  // Asked for after a denial too, to show what a refusal looks like.
  show(await getRecord(gateway, GetRecordRequest.fromPartial({ ...wanted, requestId: randomUUID() })));
}

async function main(args: string[]): Promise<number> {
  const [profile, dataset, purpose, subjectFile = process.env.SUBJECT_FILE, ...rest] = args;
  if (!profile || !dataset || !purpose || !subjectFile || rest.length > 0) {
    console.error(USAGE);
    return 2;
  }
  let gateway: ExchangeServiceClient | undefined;
  try {
    // From a file: every user of the machine sees the arguments of a process.
    const value = readFileSync(subjectFile, "utf8").trim();
    const subject = { type: IdentifierType.IDENTIFIER_TYPE_CN_RESIDENT_ID, value };
    gateway = openGateway(profile);
    await ask(gateway, { subject, dataset, purpose });
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return error instanceof Refusal ? 3 : 1;
  } finally {
    gateway?.close();
  }
}

process.exitCode = await main(process.argv.slice(2));
