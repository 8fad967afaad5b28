import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A place for what is made beside an application: builds, flash. For its owner only, since a board's flash holds the
 * device's secret; git leaves it out.
 *
 * @returns the folder `.dynreg`
 */
export function ownFolder(application: string): string {
	const folder = join(application, ".dynreg");
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const rule = join(folder, ".gitignore");
	if (!existsSync(rule)) writeFileSync(rule, "*\n");
	return folder;
}
