/** Signals that end a command: Ctrl-C, `kill`, and a terminal that is closed. */
export const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Listens for the first of these signals. A second one ends the process at once.
 *
 * @returns the function that stops listening
 */
export function onEndSignal(listener: () => void): () => void {
	const stop = () => {
		for (const signal of endSignals) process.off(signal, end);
	};
	const end = () => {
		stop();
		listener();
	};
	for (const signal of endSignals) process.on(signal, end);
	return stop;
}
