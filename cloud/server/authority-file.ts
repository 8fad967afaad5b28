import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The authority's certificate as a PEM file, for boards. */
export interface AuthorityFile {
	readonly path: string;
	/** Removes a temporary file. */
	remove(): Promise<void>;
}

/** @param state the file goes beside this state file (`state.json`: `state.ca.pem`), or into a temporary folder */
export async function writeAuthorityFile(state: string | undefined, certificate: string): Promise<AuthorityFile> {
	if (state !== undefined) {
		const path = `${state.replace(/\.json$/, "")}.ca.pem`;
		await writeFile(path, certificate);
		return { path, remove: async () => {} };
	}
	const folder = await mkdtemp(join(tmpdir(), "dynreg-cloud-"));
	const path = join(folder, "ca.pem");
	await writeFile(path, certificate);
	return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
