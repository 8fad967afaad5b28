/** That the folders keep to what `README.md` says of them. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const sources = (folder: string): string[] =>
	readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".ts"))
		.map((path) => `${folder}/${path}`);
const imports = (path: string) =>
	[...read(path).matchAll(/^(?:import|export)\b(?<clause>[^;]*?)from "(?<from>[^"]+)"/gms)].map((match) => ({
		// `import type { A }`, or `import { type A, type B }`
		typeOnly: /^\s*(type\b|\{\s*(type\s+\w+\s*,?\s*)+\}\s*$)/.test(match.groups?.clause ?? ""),
		from: match.groups?.from ?? "",
	}));

test("modules/ is pure: it imports itself only", (t) => {
	for (const path of sources("modules")) for (const { from } of imports(path)) t.regex(from, /^\.\.?\//, path);
});

/** A module's source; of the set-up page, whose strings are a browser's script, only the code. */
const code = (path: string) => (path === "modules/setup/page.ts" ? read(path).replace(/"[^"\n]*"/g, '""') : read(path));

test("modules/ and src/ use no clock, randomness, timer or output", (t) => {
	for (const path of [...sources("modules"), ...sources("src")])
		t.notRegex(
			code(path),
			/\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bconsole\.\w+\(|\btrace\(|\bprocess\.|\bperformance\b/,
			path,
		);
});

test("modules/ imports relative paths; src/ imports public names", (t) => {
	for (const path of sources("modules")) for (const { from } of imports(path)) t.notRegex(from, /src\/|hosts\//, path);
	for (const path of sources("src"))
		for (const { from, typeOnly } of imports(path))
			t.true(typeOnly || from.startsWith("./") || from.startsWith("dynreg/"), `${path}: ${from}`);
});

/**
 * A preloaded one is used with memory that the SDK never frees, and that a garbage collection in the middle of it takes
 * for its own: `fxAllocateRegExpData` in xs/sources/xsre.c of 8.2.3 lacks an `else`.
 */
test("no regular expression is preloaded: each stands in the function that uses it", (t) => {
	for (const path of [...sources("modules"), ...sources("src"), ...sources("hosts/moddable")])
		t.notRegex(read(path), /^(export )?const [^=]+= (.*[[(,] ?)?\/[^/*]/m, path);
});

test("the contracts are types only", (t) => {
	for (const path of sources("modules/contracts")) {
		t.notRegex(read(path), /^export (const|let|function|class|default|enum)\b/m, path);
		for (const { from, typeOnly } of imports(path)) t.true(typeOnly, `${path}: ${from}`);
	}
});

/** Names that manifests give to files of `modules/`, and the manifest that does. */
const manifested = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "modules/**/manifest*.json"], {
	cwd: root,
	encoding: "utf8",
})
	.trim()
	.split("\n")
	.filter((path) => existsSync(join(root, path)))
	.flatMap((path) => {
		const { modules: named, preload } = JSON.parse(read(path));
		return Object.entries<string>(named).map(([name, target]) => ({ path, name, target, preload }));
	});

/** Modules whose header says that no image links them: they cost no flash. */
const isDesktopOnly = (path: string) => read(path).split("*/")[0]?.includes("Desktop only: no image links");

test("each module is in its folder's manifest and preloaded; desk modules are not", (t) => {
	for (const path of sources("modules").filter((each) => !each.startsWith("modules/contracts/"))) {
		const folder = dirname(path);
		const name = basename(path, ".ts");
		const found = manifested.filter(
			(each) => dirname(each.path) === folder && (each.target === "./*" || each.target === `./${name}`),
		);
		t.is(found.length, isDesktopOnly(path) ? 0 : 1, path);
		if (isDesktopOnly(path)) continue;
		const { target, preload, name: given } = found[0] as (typeof found)[number];
		const prefix = folder.replace("modules", "dynreg");
		t.is(given, target === "./*" ? `${prefix}/*` : `${prefix}/${name}`, path);
		t.true(preload.includes(`${prefix}/${name}`), path);
	}
});

test("docs/reference/errors.md explains exactly the contract's error codes", (t) => {
	const named = [...read("modules/contracts/error.ts").matchAll(/^\t\| "([a-z-]+)"/gm)].map((match) => match[1]);
	const explained = [...read("docs/reference/errors.md").matchAll(/^\| `([a-z-]+)` \|/gm)]
		.map((match) => match[1])
		.filter((code) => !["retry", "wait", "needs-attention"].includes(code as string));
	t.true(named.length > 20);
	t.deepEqual(explained.toSorted(), named.toSorted());
});

const documents = [
	"README.md",
	...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".md"))
		.map((path) => `docs/${path}`),
];

test("links in the documents lead to headings, and to files that the package contains", (t) => {
	const { files } = JSON.parse(read("package.json")) as { files: readonly string[] };
	const packed = ["README.md", "LICENSE", ...files.filter((each) => !each.includes("*"))];
	t.true(documents.length > 10);
	let count = 0;
	for (const document of documents)
		for (const [, link = ""] of read(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
			const [path = "", heading] = link.split("#");
			const target = path === "" ? document : normalize(join(document, "..", path));
			const place = `${document}: ${link}`;
			t.true(existsSync(join(root, target)), place);
			t.true(
				packed.some((each) => target === each || target.startsWith(`${each}/`)),
				`${place} is not packed`,
			);
			if (heading !== undefined) t.true(anchors(read(target)).includes(heading), `${place}: no such heading`);
			count++;
		}
	t.true(count > 100);
});

/** The fragments that GitHub gives a document's headings. */
function anchors(markdown: string): string[] {
	return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
		heading
			.toLowerCase()
			.replace(/[^\w\- ]/g, "")
			.replaceAll(" ", "-"),
	);
}

/** Published with the vendor's own documents and SDKs, or made of nothing but counting. */
const known = /7WmFA\/MEs\+Fy\+32QwJWtYw==|AAECAwQFBgcICQoLDA0ODw==|EBESExQVFhcYGRobHB0eHw==|AAAAAAAAAAAAAAAAAAAAAA==/;

test("invariant 8: nothing that looks like a key is committed", (t) => {
	const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
	t.true(files.length > 20);
	for (const path of files.filter((each) => existsSync(join(root, each)) && !each.endsWith("package-lock.json"))) {
		const text = read(path);
		t.notRegex(text, /-----BEGIN [A-Z ]*PRIVATE KEY-----[\r\n]+[A-Za-z0-9+/]/, path);
		for (const [key] of text.matchAll(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==/g)) t.regex(key, known, path);
	}
});
