/** A connection, or an answer on one: it says when it is over. */
interface Ending {
	readonly destroyed: boolean;
	once(event: "close", listener: () => void): unknown;
}

/**
 * Does something after so many milliseconds, unless the connection is gone by then: no timer
 * outlives what it is for, so that a cloud without connections has none.
 */
export function later(connection: Ending, milliseconds: number, action: () => void): void {
	if (connection.destroyed) return;
	const timer = setTimeout(action, milliseconds);
	connection.once("close", () => clearTimeout(timer));
}
