import type { BoardEvent } from "../contracts/event.js";
import type { Secret } from "./secret.js";

/**
 * A log that cannot print these secrets, even where a text from outside (a
 * platform's error message, an echo) happens to hold one.
 */
export const redacting = (
	log: (event: BoardEvent) => void,
	secrets: readonly Secret[],
): ((event: BoardEvent) => void) => {
	return (event) => {
		let text = JSON.stringify(event);
		for (const secret of secrets) text = text.split(quoted(secret)).join(`${secret}`);
		log(JSON.parse(text));
	};
};

/** As it stands inside a JSON text. */
const quoted = (secret: Secret): string => JSON.stringify(secret.reveal()).slice(1, -1);
