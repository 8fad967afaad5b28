/** What a factory hands over, and what flash may hold when something went wrong with it there. */

import { namesFromAddresses } from "@dynreg/cli/internal/factory/board-names";
import { readTemplate } from "@dynreg/cli/internal/factory/import-lists";
import { boardPartitionFiles, partitionValues, sharedPartitionFiles } from "@dynreg/cli/internal/factory/partition";
import test from "ava";
import { configuredDevice } from "dynreg/clouds";
import { applyFactoryPartition, type FactoryContents, factoryNames } from "dynreg/configuration/factory-partition";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import fc from "fast-check";
import { parseCsv, readNvsCsv } from "../cli/nvs-csv.js";
import { crypto } from "../support/node-crypto.js";
import { assertNoSecret, assertPresentable, checkProperty, outcomeOf } from "./properties.js";

const product: RawConfiguration = { productId: "FUZZ000001", productSecret: "a-fuzzed-product-secret" };
const printable = fc.stringMatching(/^[\x20-\x7e]{1,60}$/);
/** As long as those that are searched for in what is printed. */
const secrets = fc.stringMatching(/^[\x21-\x7e]{16,64}$/);
const content = (files: ReturnType<typeof sharedPartitionFiles>, name: string) =>
	[...(files.find(({ path }) => path === `nvs/${name}`)?.chunks() ?? [])].join("");

test("any list of addresses gives unique names or an explained error", async (t) => {
	const line = fc.oneof(
		fc.string(),
		fc.string({ unit: "binary" }),
		fc.stringMatching(/^([0-9a-fA-F]{2}[:-]?){5,7}$/),
		fc.stringMatching(/^[02468ace]{2}(:[0-9a-f]{2}){5}$/),
	);
	await checkProperty(t, fc.array(line, { maxLength: 20 }), (lines) => {
		try {
			const { names } = namesFromAddresses(product, lines.join("\n"), "macs.txt");
			for (const name of names) if (!/^[0-9a-f]{12}$/.test(name)) throw new Error(`${name} is no name`);
			if (new Set(names).size !== names.length) throw new TypeError("a name stands there twice");
		} catch (error) {
			if (
				!(error instanceof Error) ||
				!/^macs\.txt has (invalid lines:\n {2}line \d+: |no MAC address)/.test(error.message)
			)
				throw error;
			if (error.message.length > 2000) throw new TypeError(`${error.message.length} characters`, { cause: error });
		}
	});
});

test("whatever the values are, the partition's file says the same as the configuration", async (t) => {
	const cases = fc.record({
		productSecret: secrets,
		region: printable,
		ca: fc.array(fc.stringMatching(/^[\x21-\x2b\x2d-\x7e]{1,9}$/), { minLength: 1, maxLength: 5 }),
	});
	await checkProperty(t, cases, (each) => {
		const { values } = partitionValues({ ...product, ...each });
		const wanted: Record<string, string> = {
			productId: "FUZZ000001",
			productSecret: each.productSecret,
			region: each.region,
			ca: each.ca.join(","),
		};
		const read = readNvsCsv(content(sharedPartitionFiles(values), "fctry.csv")).get("dynreg") ?? new Map();
		for (const name of factoryNames.split(" "))
			if (read.get(name) !== wanted[name]) throw new Error(`${name} is another`);

		const files = boardPartitionFiles(values, ["board-1", "board-2"]);
		const [names = [], first = [], second] = parseCsv(content(files, "values.csv"));
		const keys = parseCsv(content(files, "config.csv")).map(([key]) => key);
		if (keys.join() !== ["dynreg", ...names].join()) throw new Error("the keys are others");
		for (const [index, name] of names.entries())
			if (first[index] !== (name === "deviceName" ? "board-1" : wanted[name])) throw new Error(`${name} is another`);
		if (second?.join("") !== "board-2") throw new Error("the second row repeats what is said already");
	});
});

test("any factory partition gives a device or an error that names the partition", async (t) => {
	const value = fc.oneof(
		fc.string(),
		fc.string({ unit: "binary" }),
		fc.constantFrom("tencent", "aliyun", "FUZZ000001", "60"),
		secrets,
	);
	const names = fc.constantFrom(
		...factoryNames.split(" "),
		"dangerouslyAllowPlain",
		"__proto__",
		"constructor",
		"toString",
		"fromFactory",
	);
	const contents: fc.Arbitrary<FactoryContents> = fc.oneof(
		fc.dictionary(names, value, { maxKeys: 12 }).map((values) => ({ state: "read", values }) as const),
		fc.constantFrom({ state: "absent" } as const, { state: "empty" } as const),
		fc.string().map((reason) => ({ state: "unreadable", reason: reason.slice(0, 40) }) as const),
	);
	const images = fc.constantFrom<RawConfiguration>(
		{},
		product,
		{ cloud: "aliyun", productKey: "fuzz0001" },
		{ factoryPartition: "mfg" },
	);
	await checkProperty(t, fc.tuple(images, contents), ([image, found]) => {
		const merged = applyFactoryPartition(image, found);
		if (merged.dangerouslyAllowPlain !== undefined) throw new Error("plain transport is allowed");
		const device = outcomeOf(() => configuredDevice(merged, crypto, "00:00:5e:00:53:01"));
		if (!(device instanceof Error)) return;
		const told = Failure.from(device);
		const { phase, code, action } = told;
		const note = typeof merged.factoryNote === "function" && merged.factoryNote(told);
		const failure = new Failure(phase, code, action, { said: sentence({ ...told, ...note }) });
		assertPresentable(failure);
		const secret = found.state === "read" ? found.values.productSecret : undefined;
		if (secret !== undefined && secret.length > 15) assertNoSecret(failure, secret);
	});
});

test("whatever a template is, its first row is kept to the letter, or it is refused", async (t) => {
	await checkProperty(
		t,
		fc.oneof(
			fc.string(),
			fc.string({ unit: "binary" }),
			fc.stringMatching(/^("[^"\n]*"|[a-z]*)(,("[^"\n]*"|[a-z]*)){0,5}\r?\n.*$/),
		),
		(text) => {
			try {
				const { header, lineEnd, emptyColumns } = readTemplate(text, "template.csv");
				if (!(text === header || text.startsWith(`${header}${lineEnd}`))) throw new TypeError("it is another row");
				if (!/^,*$/.test(emptyColumns)) throw new TypeError("it fills columns with something");
			} catch (error) {
				if (
					error instanceof TypeError ||
					!/^template\.csv is not a usable template: line \d+, column \d+: /.test((error as Error).message)
				)
					throw error;
			}
		},
	);
});
