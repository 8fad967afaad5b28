import type { Action, Code, FailureValues, Phase } from "../contracts/error.js";

/**
 * The one error type: see `contracts/error.ts`. All that it enumerates goes into the log's event. `message` is code and
 * values; the sentence for people is made on a desktop, by `dynreg/messages/sentence`.
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
	declare readonly number?: number;
	declare readonly said?: string;
	declare readonly names?: readonly string[];
	declare readonly retryAfter?: number;

	/** @param cause the error underneath */
	constructor(phase: Phase, code: Code, action: Action, values: FailureValues = {}, cause?: unknown) {
		let message: string = code;
		for (const name in values) message += ` ${values[name as keyof FailureValues]}`;
		super(message, { cause });
		this.phase = phase;
		this.code = code;
		this.action = action;
		for (const name in values) (this as Record<string, unknown>)[name] = values[name as keyof FailureValues];
	}

	/** In another phase: a port does not know what it is used for. */
	during(phase: Phase): this {
		this.phase = phase;
		return this;
	}

	/** Anything but a `Failure` is a defect, of the firmware or of the application. The board goes on all the same. */
	static from(error: unknown): Failure {
		if (error instanceof Failure) return error;
		return new Failure("session", "unexpected", "retry", { said: String(error) }, error);
	}
}

Failure.prototype.name = "Failure";
