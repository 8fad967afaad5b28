import type { Action, Code, FailureDetails, Phase } from "../contracts/error.js";

/** The one error type: see `contracts/error.ts`. `message` is for people and never holds a secret. */
export class Failure extends Error {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	override readonly cause: unknown;
	readonly retryAfter: number | undefined;
	readonly number: number | undefined;

	constructor(phase: Phase, code: Code, action: Action, message: string, details?: FailureDetails) {
		super(message);
		this.phase = phase;
		this.code = code;
		this.action = action;
		this.cause = details?.cause;
		this.retryAfter = details?.retryAfter;
		this.number = details?.number;
	}

	/** The same in another phase: a port does not know what it is used for. */
	during(phase: Phase): Failure {
		return new Failure(phase, this.code, this.action, this.message, this as FailureDetails);
	}

	/** The same, where the board knows better what to do next. */
	withAction(action: Action): Failure {
		return new Failure(this.phase, this.code, action, this.message, this as FailureDetails);
	}

	/** Anything but a `Failure` is a defect, of the firmware or of the application. The board goes on all the same. */
	static from(error: unknown): Failure {
		if (error instanceof Failure) return error;
		return new Failure("session", "unexpected", "retry", `Unexpected: ${String(error)}`, { cause: error });
	}
}
