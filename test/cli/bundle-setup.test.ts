import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { setupBundle } from "@dynreg/tools/bundle-setup";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { withSetup as WithSetup } from "dynreg/setup";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";

const bundle = join(project, "build", setupBundle);

test("of set-up mode, an image has one module, which imports each name once", async (t) => {
	const manifest = JSON.parse(await readFile(join(project, "build/src/manifest_setup.json"), "utf8"));
	t.deepEqual(manifest.modules, { "dynreg/setup": "./setup-bundle" });
	for (const path of manifest.include) t.true(existsSync(join(project, "build/src", path)), path);
	const code = await readFile(bundle, "utf8");
	t.notRegex(code, /^(var|let) /m);
	const imported = [...code.matchAll(/^import \{([^}]*)\} from "(.*)"/gm)];
	const modules = imported.map(([, , from]) => from);
	t.deepEqual(modules.toSorted(), [
		"dynreg/configuration/readers",
		"dynreg/core/bytes",
		"dynreg/core/errors",
		"dynreg/core/secret",
		"dynreg/setup/ports",
	]);
	const names = imported.flatMap(([, clause = ""]) => clause.split(",").map((each) => each.trim().split(" ")[0]));
	t.is(new Set(names).size, names.length);
});

test("its source map leads to TypeScript", async (t) => {
	const { sources } = JSON.parse(await readFile(`${bundle}.map`, "utf8"));
	for (const source of sources) t.true(existsSync(join(dirname(bundle), source)), source);
	t.true(sources.some((source: string) => source.endsWith("modules/setup/portal.ts")));
});

test("it does what the modules do: set-up mode opens where there is no network", async (t) => {
	const { withSetup } = (await import(pathToFileURL(bundle).href)) as { withSetup: typeof WithSetup };
	const time = new VirtualTime();
	const events: BoardEvent[] = [];
	const listen = async () => ({ close() {} });
	const host = withSetup(
		{
			crypto,
			random: (count: number) => new Uint8Array(count),
			storage: new InMemoryFlash(4000),
			timers: { after: (duration: number, action: () => void) => time.after(duration, action) },
			clock: virtualClock(time, 0),
			network: { mac: () => "a4:d1:8c:db:c0:20", up: async () => {} },
			log: (event: BoardEvent) => events.push(event),
		} as unknown as Parameters<typeof withSetup>[0],
		{ setupPassword: "access-point-pass" },
		{
			accessPoint: { async open() {}, close() {}, guests: () => 0 },
			joiner: { scan: async () => [], join: async () => "refused", leave() {} },
			server: { listen },
			datagrams: { listen },
			async restart() {},
		},
	);
	host.network.up(1000);
	await new Promise((resolve) => setImmediate(resolve));
	t.deepEqual(events, [
		{ event: "setup", state: "open", reason: "no-network", network: "dynreg-c020", page: "http://192.168.4.1/" },
	]);
});
