import type { BoardEvent } from "../contracts/event.js";

/**
 * A value that must not be seen. Printing it, joining it into a string or turning
 * it into JSON gives `[secret]`; only `reveal` gives the value.
 */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return "[secret]";
	}

	toJSON(): string {
		return "[secret]";
	}
}

/**
 * A log that cannot print these secrets, even where a text from outside (a
 * platform's error message, an echo) happens to hold one.
 */
export const redacting = (
	log: (event: BoardEvent) => void,
	secrets: readonly Secret[],
): ((event: BoardEvent) => void) => {
	// The code of a function that is made at run time is in a board's memory: as little as can be.
	return (event) => log(redacted(event, secrets));
};

const redacted = (event: BoardEvent, secrets: readonly Secret[]): BoardEvent => {
	let text = JSON.stringify(event);
	for (let i = 0; i < secrets.length; i++) {
		const secret = secrets[i] as Secret;
		text = text.split(quoted(secret)).join(`${secret}`);
	}
	return JSON.parse(text);
};

/** As it stands inside a JSON text. */
const quoted = (secret: Secret): string => JSON.stringify(secret.reveal()).slice(1, -1);
