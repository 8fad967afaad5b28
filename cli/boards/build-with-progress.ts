import { BuildProgress } from "./build-progress.js";
import { buildSimulator } from "./simulated-board.js";

/**
 * Builds an application for the simulator, and shows the steps on standard error.
 *
 * @param what is built, for people
 * @param folder of its manifest; default: dynreg's own application
 * @param quiet without a word, for output that programs read
 * @returns the image
 * @throws Error with what the SDK's tools say
 */
export async function buildWithProgress(
	what: string,
	{ folder, certs, quiet = false }: { folder?: string; certs?: readonly string[] | undefined; quiet?: boolean } = {},
): Promise<string> {
	const progress = new BuildProgress(quiet);
	progress.begin(`Building ${what} for the simulator (half a minute the first time) …`);
	try {
		const image = await buildSimulator(folder, {
			certs,
			onLine: (line) => progress.step(line),
			onWait: (pid) => progress.waiting(pid),
		});
		progress.end("Built");
		return image;
	} catch (error) {
		progress.end("Failed");
		throw error;
	}
}
