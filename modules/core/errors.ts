import type { Action, Code, FailureValues, Phase } from "../contracts/error.js";

/**
 * The only error type that the library throws; `contracts/error.ts` has its parts. Its enumerable properties go into the
 * log event. `message` is code and values; `dynreg/messages/sentence` makes the sentence on a desktop.
 */
export class Failure extends Error implements FailureValues {
	declare phase: Phase;
	declare readonly code: Code;
	declare readonly action: Action;
	declare readonly key?: string;
	declare readonly reason?: string;
	declare readonly value?: string;
	declare readonly server?: string;
	declare readonly cloud?: string;
	declare readonly statusCode?: number;
	declare readonly connackCode?: number;
	declare readonly vendorCode?: number | string;
	declare readonly alert?: number;
	declare readonly bytes?: number;
	declare readonly said?: string;
	declare readonly names?: readonly string[];
	declare readonly retryAfter?: number;

	/** @param cause the underlying error */
	constructor(phase: Phase, code: Code, action: Action, values: FailureValues = {}, cause?: unknown) {
		let message: string = code;
		for (const name in values) message += ` ${values[name as keyof FailureValues]}`;
		super(message, { cause });
		this.phase = phase;
		this.code = code;
		this.action = action;
		for (const name in values) (this as Record<string, unknown>)[name] = values[name as keyof FailureValues];
	}

	/** Changes the phase, since a port does not know what it is used for. */
	during(phase: Phase): this {
		this.phase = phase;
		return this;
	}

	/** Wraps any other error as `unexpected`: a bug of the firmware or of the application, after which the board continues. */
	static from(error: unknown): Failure {
		if (error instanceof Failure) return error;
		return new Failure("session", "unexpected", "retry", { said: String(error) }, error);
	}
}

Failure.prototype.name = "Failure";
