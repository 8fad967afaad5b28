import type { Authority } from "../certificates/certificate-authority.js";
import type { ServerIdentity } from "../certificates/server-certificate.js";
import type { SavedProduct } from "../products/product.js";
import { readState } from "./state-file.js";

/** The content of the state file. */
export interface CloudState {
	readonly version: 1;
	readonly certificate: ServerIdentity;
	/** Absent until it has issued a certificate. */
	readonly deviceAuthority?: Authority;
	readonly products: readonly SavedProduct[];
}

/**
 * @returns undefined if there is no such file
 * @throws Error if it cannot be read, or has another version
 */
export async function readCloudState(path: string): Promise<CloudState | undefined> {
	const state = (await readState(path)) as Partial<CloudState> | undefined;
	if (state === undefined || state?.version === 1) return state as CloudState | undefined;
	throw new Error(`${path} is not a state file of this version of the local cloud: move it away, or name another`);
}
