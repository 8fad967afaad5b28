/**
 * What set-up mode takes of a board's memory in its normal life: slots on the bare XS engine, after garbage collection. A slot
 * has 16 bytes on a chip. Stand-ins take the places of the SDK's modules.
 */

import { fileURLToPath } from "node:url";
import { Worker } from "@dynreg/xs/internal/worker";
import test from "ava";
import { build, type Plugin } from "esbuild";

const compiled = fileURLToPath(new URL("../../../build/", import.meta.url));
const setup = `${compiled}hosts/moddable/setup/`;

/** A chip's modules of set-up mode, and what is left of the SDK's. */
const files: Readonly<Record<string, string>> = {
	"dynreg/setup": `${compiled}src/setup.js`,
	"dynreg/setup/ports": `${setup}esp/ports.js`,
	"dynreg/setup/station": `${setup}esp/station.js`,
	"dynreg/setup/tcp-server": `${setup}tcp-server.js`,
};
const sdk: Readonly<Record<string, string>> = {
	// The objects are the SDK's, what is in them is not.
	wifi: "export default class { constructor(_, notify) { this.callback = notify; } }",
	"embedded:network/interface/wifi":
		"const given = [], wifi = {}; export default class { constructor({ onChanged }) { given.push(onChanged); return wifi; } }",
	timer: "export default class {}",
	socket: "export class Socket {} export class Listener {}",
};

const chip: Plugin = {
	name: "chip",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /.*/ }, ({ path }) => {
			if (files[path] !== undefined) return { path: files[path] };
			return sdk[path] === undefined ? undefined : { path, namespace: "sdk" };
		});
		onLoad({ filter: /.*/, namespace: "sdk" }, ({ path }) => ({ contents: sdk[path] ?? "" }));
	},
};

/** @returns slots that each value of this expression takes, in the scope of these declarations */
async function slotsOf(declarations: string, expression: string): Promise<number> {
	const contents = `${declarations}
		const kept = [];
		globalThis.handleCommand = (bytes) => {
			const [count] = new Uint8Array(bytes);
			for (let i = 0; i < count; i++) kept.push(${expression});
			gc();
		};`;
	const { outputFiles } = await build({
		stdin: { contents, resolveDir: compiled },
		bundle: true,
		write: false,
		format: "iife",
		target: "es2022",
		platform: "neutral",
		plugins: [chip],
		tsconfigRaw: {},
		logLevel: "silent",
	});
	const worker = new Worker(() => new Uint8Array());
	worker.evaluate(`globalThis.native = () => function () {};\n${outputFiles[0]?.text}`);
	const measure = async (count: number) => {
		worker.command(Uint8Array.of(count));
		return (await worker.meters()).heapCount;
	};
	await measure(1);
	const before = await measure(100);
	const after = await measure(100);
	worker.kill();
	return (after - before) / 100;
}

const host = `
	const host = {
		crypto: { utf8: (text) => new Uint8Array(text.length) },
		storage: { maxValueBytes: 1000, get() {}, set() {}, delete() {} },
		clock: { ticks: () => 0, now: () => 0 },
		timers: {}, random() {}, http: {}, mqtt: {},
		network: { up() {}, mac: () => "a4:d1:8c:db:c0:20" },
		log(event) { if (event.event === "failed") throw new Error(event.code); },
	};`;

test("the network of a board with set-up mode, beyond its host, takes 112 bytes of a chip's memory", async (t) => {
	const withSetup = `import { withSetup } from "dynreg/setup"; ${host}
		const configuration = { setupPassword: "access-point-pass" };
		const board = {};`;
	const slots =
		(await slotsOf(withSetup, "withSetup(host, configuration, board)")) - (await slotsOf(host, "{ ...host }"));
	t.log(`${slots} slots`);
	t.true(slots > 0 && slots <= 7, `${slots} slots`);
});

test("the ports of a chip, beyond the SDK's own objects, take 112 bytes", async (t) => {
	const slots =
		(await slotsOf('import { createSetupPorts } from "dynreg/setup/ports";', "createSetupPorts({})")) -
		(await slotsOf('import Radio from "wifi"; const notify = () => {};', "new Radio(undefined, notify)"));
	t.log(`${slots} slots`);
	t.true(slots > 0 && slots <= 7, `${slots} slots`);
});
