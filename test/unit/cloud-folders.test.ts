/**
 * That a cloud is its folders: outside of these, of the files that list the clouds, of tests, examples and documents, no file
 * names it. So another cloud changes no other file.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloudLists } from "@dynreg/tools/cloud-lists";
import test from "ava";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Whatever only this cloud is called, or has. */
const words = {
	aws: /\baws\b|amazon|claim (?:certificate|key)|claim(?:Certificate|Key|Cert)|hasClaims|thingPrefix/i,
	azure: /azure|\bdps\b/i,
	thingsboard: /thingsboard/i,
	volcengine: /volc/i,
};
type Name = keyof typeof words;

/** Files written by `npm run docs`, from the folders and from the schemas in them. */
const written = new Set([
	...cloudLists().keys(),
	"modules/contracts/configuration.ts",
	"modules/configuration/factory-names.ts",
]);

const claimFiles = "asks for, reads or shows two PEM files in place of a secret, whichever cloud has these keys";
const userNames = "its user names are told from those of another cloud, on the same port";
const esp8266 = "an ESP8266's image has no room for it";
const vectors = "tests the cloud's vectors on a device";

/** Files that name a cloud after all, and why. */
const exceptions: Readonly<Record<string, readonly [reason: string, ...clouds: Name[]]>> = {
	"cli/commands/init.ts": [claimFiles, "aws"],
	"cli/configuration/configuration-file.ts": [claimFiles, "aws"],
	"cli/demo/demo.ts": [claimFiles, "aws"],
	"cli/doctor/configuration.ts": [claimFiles, "aws"],
	"cli/factory/read-product.ts": [claimFiles, "aws"],
	"cli/init/init.ts": [claimFiles, "aws"],
	"cli/init/local-cloud.ts": [claimFiles, "aws"],
	"cli/init/new-board.ts": [claimFiles, "aws"],
	"modules/messages/configuration-sentence.ts": [claimFiles, "aws"],
	"modules/configuration/factory-partition.ts": ["a key with a name that is too long for NVS", "aws"],
	"cloud/platforms/platform.ts": ["a platform may issue claim certificates", "aws"],
	"cloud/platforms/aliyun/login.ts": [userNames, "aws"],
	"cloud/platforms/tencent/login.ts": [userNames, "aws"],
	"cloud/demo-board.ts": ["a platform may issue claim certificates", "aws"],
	"cloud/admin/products.ts": ["a product's setting, and the claim's key as its secret", "aws"],
	"cloud/products/product.ts": ["a product's setting", "aws"],
	"cloud/server/check-saved-state.ts": ["a product's setting", "aws"],
	"cli/conformance/conformance-application.ts": [esp8266, "azure"],
	"tools/cloud-lists.ts": [esp8266, "aws", "azure"],
	"conformance/device/cases/online.ts": [esp8266, "aws", "azure"],
	"conformance/device/cases/vectors.ts": [vectors, "azure", "volcengine"],
	"conformance/device/device-case.ts": [vectors, "azure", "volcengine"],
	"conformance/vectors.json": [vectors, "azure", "volcengine"],
	"tools/wire-examples.ts": ["writes a document", "aws", "azure", "thingsboard", "volcengine"],
};

function filesIn(folder: string): string[] {
	return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
		const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
		if (!entry.isDirectory()) return /\.(?:ts|tsx|c|json|html|css)$/.test(entry.name) ? [path] : [];
		return ["build", "node_modules"].includes(entry.name) ? [] : filesIn(path);
	});
}

const own = (path: string, name: string) =>
	path.startsWith(`modules/clouds/${name}/`) || path.startsWith(`cloud/platforms/${name}/`);

const files = ["cli", "cloud", "conformance", "hosts", "modules", "src", "tools"]
	.flatMap(filesIn)
	.filter((path) => !written.has(path));

test("only a cloud's own folders name it, but for these files", (t) => {
	t.true(files.length > 400);
	const found: Record<string, string[]> = {};
	for (const path of files) {
		const text = readFileSync(join(root, path), "utf8");
		const named = Object.entries(words).flatMap(([name, pattern]) =>
			!own(path, name) && pattern.test(text) ? [name] : [],
		);
		if (named.length > 0) found[path] = named;
	}
	const expected = Object.entries(exceptions).map(([path, [, ...clouds]]) => [path, clouds] as const);
	t.deepEqual(found, Object.fromEntries(expected));
});
