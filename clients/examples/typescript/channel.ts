import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import { parse } from "smol-toml";
import { ExchangeServiceClient } from "./veilgate/v1/exchange.js";

/** Makes the client for the folder of a profile.toml; it connects at the first call. */
export function openGateway(folder: string): ExchangeServiceClient {
  const profile = parse(readFileSync(join(folder, "profile.toml"), "utf8"));
  const text = (name: string): string => {
    const value = profile[name];
    if (typeof value !== "string") throw new Error(`profile.toml has no text named ${name}`);
    return value;
  };
  const file = (name: string): Buffer => readFileSync(join(folder, text(name)));
  // With `ca` only this authority counts: the machine's own list has nothing to say about a gateway.
  const secure = createSecureContext({
    ca: file("ca"),
    cert: file("certificate"),
    key: file("key"),
    minVersion: "TLSv1.3",
  });
  return new ExchangeServiceClient(text("gateway"), ChannelCredentials.createFromSecureContext(secure));
}
