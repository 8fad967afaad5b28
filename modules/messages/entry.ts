/** One error code of the catalogue. Desktop only: no image links this. */

import type { Code } from "../contracts/error.js";

/** What happened, with the likely cause; then the next step. Words in capitals stand for values of the failure. */
export type Message = readonly [happened: string, advice?: string];

export interface Entry {
	/** Where on its way a device meets it. */
	readonly where: string;
	/**
	 * By the failure's `reason`, its `cloud` and code (`statusCode`, `connackCode`, `vendorCode`, `alert`), its `cloud`, or
	 * its code; `server`: of a connection to one. The empty key is for every other failure with this code.
	 */
	readonly messages: Readonly<Record<string, Message>>;
	/** What else there is to know. */
	readonly note?: string;
}

/** What one cloud adds to the entry of an error code: by the platform's code; the empty key is for every other one. */
export type CloudMessages = Readonly<Partial<Record<Code, Readonly<Record<string, Message>>>>>;

/** How the catalogue begins the sentence of every refused registration. */
export const refusal = "The platform refused the registration (REFUSAL)";
export const busy = "The platform is overloaded or limits the request rate.";
export const retries = "The device retries by itself.";
