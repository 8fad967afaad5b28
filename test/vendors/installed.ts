/**
 * Unmodified SDKs of vendors, which the project does not depend on: they are in the folder that `DYNREG_VENDOR_SDKS` names, as
 * `npm install --prefix FOLDER` puts them there (docs/internals/contributing.md).
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";

const folder = process.env.DYNREG_VENDOR_SDKS;
const require = folder === undefined ? undefined : createRequire(join(folder, "package.json"));

/** A package from that folder. Its types are not known here. */
// biome-ignore lint/suspicious/noExplicitAny: a package that is not installed has no types
export function vendorPackage(name: string): any {
	if (!require) throw new Error("DYNREG_VENDOR_SDKS names no folder");
	return require(name);
}

/** A test with SDKs, or a skipped one that says which are missing. */
export function testWithSdk(
	packages: readonly string[],
	title: string,
	body: (t: ExecutionContext) => Promise<void>,
): void {
	const missing = packages.filter((name) => !isInstalled(name));
	if (missing.length === 0) test.serial(title, body);
	else test.skip(`${title}: skipped, ${missing.join(", ")} not in the folder DYNREG_VENDOR_SDKS`, body);
}

function isInstalled(name: string): boolean {
	try {
		return require?.resolve(name) !== undefined;
	} catch {
		return false;
	}
}
