import type { BoardEvent } from "../contracts/event.js";
import type { Secret } from "./secret.js";

/**
 * A log that cannot print these secrets, even where a text from outside (a
 * platform's error message, an echo) happens to hold one.
 */
export function redacting(log: (event: BoardEvent) => void, secrets: readonly Secret[]): (event: BoardEvent) => void {
	return (event) => {
		const text = JSON.stringify(event);
		log(JSON.parse(secrets.reduce((rest, secret) => rest.split(quoted(secret)).join(`${secret}`), text)));
	};
}

/** As it stands inside a JSON text. */
function quoted(secret: Secret): string {
	return JSON.stringify(secret.reveal()).slice(1, -1);
}
