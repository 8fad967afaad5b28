import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endSignals } from "../terminal/end-signals.js";

/**
 * From now on, the temporary files of this command, of the packages that it uses and of the programs that it starts are in
 * one folder, which is removed when the command ends: by itself, by an error or by a signal.
 *
 * A signal then waits for JavaScript that runs, so a command that computes for long does not call this.
 */
export function useTemporaryFolder(): void {
	let folder: string;
	try {
		folder = mkdtempSync(join(tmpdir(), "dynreg-"));
	} catch {
		// Most commands need none, and the others say so.
		return;
	}
	process.env.TMPDIR = folder;
	const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	process.once("exit", remove);
	for (const signal of endSignals) {
		const end = () => {
			// Something else listens too, and ends the command.
			if (process.listenerCount(signal) > 1) return;
			remove();
			process.off(signal, end);
			process.kill(process.pid, signal);
		};
		process.on(signal, end);
	}
}
