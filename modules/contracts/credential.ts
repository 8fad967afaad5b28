import type { Secret } from "../secret/secret.js";

/** What registration yields, and all that a session needs beside the configuration. */
export type Credential = KeyCredential;

/** Tencent `psk` (base64, kept exactly as received). */
export interface KeyCredential {
	readonly kind: "key";
	readonly key: Secret;
}
