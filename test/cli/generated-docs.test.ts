import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import { configurationTypes, typesFile } from "@dynreg/tools/configuration-documents";
import { generatedParts } from "@dynreg/tools/generated-parts";
import test from "ava";
import { catalogue } from "dynreg/messages/catalogue";
import { dynreg } from "./dynreg.js";

const parts = await generatedParts();

test("dynreg explain tells what happened and what to do", async (t) => {
	const { code, out } = await dynreg("explain", "already-activated").ended;
	t.is(code, 0);
	t.regex(
		out,
		/^already-activated \(registration\)\n {2}tencent:\n {2}what happened: .*\n {2}what to do: {4}Reset or delete the device/,
	);
	t.false(out.includes("`"));
});

test("dynreg explain without a code tells all of them", async (t) => {
	const { code, out } = await dynreg("explain").ended;
	t.is(code, 0);
	for (const name of Object.keys(catalogue)) t.regex(out, new RegExp(`^${name} `, "m"));
});

test("a code that there is not is answered with where to find those there are", async (t) => {
	const { code, err } = await dynreg("explain", "no-such-code").ended;
	t.is(code, 1);
	t.regex(err, /there is no error code "no-such-code"/);
});

for (const { document, name, text } of parts)
	test(`${document} says of ${name} what the code says: npm run docs writes it`, async (t) => {
		const written = await readFile(join(project, document), "utf8");
		t.true(written.includes(`<!-- ${name}:begin -->\n\n${text}\n\n<!-- ${name}:end -->`));
	});

test(`${typesFile} has the types that come from the schemas: npm run docs writes it`, async (t) => {
	t.is(await readFile(join(project, typesFile), "utf8"), configurationTypes());
});
