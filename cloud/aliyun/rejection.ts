import type { RefusedLogin } from "../platform.js";
import type { ExpectedSignature } from "../refusal.js";

/** A CONNECT that is refused: thrown where the fault is found, answered by `login`. */
export class Rejection extends Error {
	/** CONNACK return code. */
	readonly code: RefusedLogin["code"];
	readonly expected: ExpectedSignature | undefined;

	constructor(code: RefusedLogin["code"], message: string, expected?: ExpectedSignature) {
		super(message);
		this.code = code;
		this.expected = expected;
	}
}
