import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { privateNames, shortenNames } from "@dynreg/tools/shorten-names";
import test from "ava";

const typescript = `export class Meter {
	private readonly reading: number;
	private scale = 1;
	private unit: string;
	private total: number;
	readonly limit: number;

	private add(more: number): void {}
	private value(): number {}
	private limit2?: number;
}
`;

/** As `tsc` writes it. */
const source = `export class Meter {
    reading;
    scale = 1;
    constructor(options) {
        this.reading = options.start;
        this.unit = options.unit;
        this.total = 0;
        this.limit = 10;
    }
    /** Of the reading. */
    read() {
        const { reading, scale } = this;
        this.add(reading * scale);
        return this.value() + " " + this.unit;
    }
    add(more) {
        this.total += more;
    }
    value() {
        return this["total"];
    }
}
//# sourceMappingURL=meter.js.map
`;

test("private members are shortened whose names the module uses for nothing else", async (t) => {
	t.deepEqual(await privateNames(source, typescript), ["reading", "scale", "add", "value", "limit2"]);
});

test("a name that a public member of another class has is kept", async (t) => {
	const another = "class Log {\n\treading = 1;\n}\n";
	t.false((await privateNames(source, typescript + another)).includes("reading"));
});

test("a module with short names does the same, and is not shortened twice", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-names-"));
	t.teardown(() => rm(folder, { recursive: true }));
	const path = join(folder, "meter.mjs");
	await writeFile(join(folder, "meter.ts"), typescript);
	await writeFile(`${path}.map`, JSON.stringify({ version: 3, sources: ["meter.ts"], names: [], mappings: "AAAA" }));
	await writeFile(path, source);
	t.is(await shortenNames([path]), 1);
	const code = await readFile(path, "utf8");
	t.regex(code, /this\.unit/);
	t.notRegex(code, /this\.(?:reading|scale|add)/);
	const { Meter } = await import(pathToFileURL(path).href);
	t.is(new Meter({ start: 3, unit: "kWh" }).read(), "3 kWh");
	t.is(await shortenNames([path]), 0);
});
