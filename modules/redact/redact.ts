import type { BoardEvent } from "../contracts/event.js";
import type { Secret } from "../secret/secret.js";

/**
 * A log that cannot print these secrets, even where a text from outside (a
 * platform's error message, an echo) happens to hold one.
 */
export function redacting(log: (event: BoardEvent) => void, secrets: readonly Secret[]): (event: BoardEvent) => void {
	return (event) => {
		const clean: Record<string, unknown> = {};
		for (const [key, value] of Object.entries(event))
			clean[key] = typeof value === "string" ? redact(value, secrets) : value;
		log(clean as unknown as BoardEvent);
	};
}

function redact(text: string, secrets: readonly Secret[]): string {
	for (const secret of secrets) text = text.split(secret.reveal()).join("[secret]");
	return text;
}
