import type { RefusedLogin } from "../platform.js";
import type { ExpectedSignature } from "../registration-refusal.js";

/** A refused CONNECT: thrown where the mistake is found, caught in `login`. */
export class ConnackError extends Error {
	/** CONNACK return code. */
	readonly code: RefusedLogin["code"];
	readonly expected: ExpectedSignature | undefined;

	constructor(code: RefusedLogin["code"], message: string, expected?: ExpectedSignature) {
		super(message);
		this.code = code;
		this.expected = expected;
	}
}
