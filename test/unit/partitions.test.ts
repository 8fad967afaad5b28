/** That the ESP32's partition tables hold together. Espressif's own gen_esp32part.py was run on them by hand as well. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findSdk } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test from "ava";
import { defaultFactoryLabel } from "dynreg/configuration/factory-partition";

const folder = fileURLToPath(new URL("../../../hosts/moddable/platforms/esp32/", import.meta.url));
const tables = ["factory", "hardened/hmac", "hardened/flash-encryption"];

/** Bytes. */
const flash = 4 * 1024 * 1024;
const sector = 0x1000;

interface Partition {
	readonly name: string;
	readonly type: string;
	readonly subtype: string;
	readonly offset: number;
	readonly size: number;
	readonly flags: string;
}

function read(path: string): Partition[] {
	const rows = readFileSync(path, "utf8")
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith("#"));
	return rows.map((row) => {
		const [name = "", type = "", subtype = "", offset, size, flags = "", ...more] = row
			.split(",")
			.map((cell) => cell.trim());
		if (more.length > 0) throw new Error(`too many columns: ${row}`);
		return { name, type, subtype, offset: Number(offset), size: Number(size), flags };
	});
}

function options(table: string): Map<string, string> {
	const lines = ["sdkconfig.defaults", "sdkconfig.defaults.release"]
		.map((name) => join(folder, table, "sdkconfig", name))
		.filter((path) => existsSync(path))
		.flatMap((path) => readFileSync(path, "utf8").split("\n"))
		.filter((line) => line !== "" && !line.startsWith("# "));
	return new Map(lines.map((line) => line.split("=") as [string, string]));
}

for (const table of tables) {
	test(`${table}: partitions are aligned, disjoint and fit into 4 MB`, (t) => {
		const partitions = read(join(folder, table, "partitions.csv")).toSorted((a, b) => a.offset - b.offset);
		let end = Number(options(table).get("CONFIG_PARTITION_TABLE_OFFSET") ?? 0x8000) + sector;
		for (const { name, type, offset, size } of partitions) {
			t.is(offset % (type === "app" ? 0x10000 : sector), 0, name);
			t.true(size > 0 && size % sector === 0, name);
			t.true(offset >= end, `${name} begins before ${end.toString(16)}`);
			t.true(name.length <= 15, name);
			end = offset + size;
		}
		t.true(end <= flash, end.toString(16));
		t.is(new Set(partitions.map(({ name }) => name)).size, partitions.length);
	});

	test(`${table}: the vault is writable, factory is read-only, the firmware fits`, (t) => {
		const partitions = new Map(read(join(folder, table, "partitions.csv")).map((each) => [each.name, each]));
		t.like(partitions.get("nvs"), { type: "data", subtype: "nvs", flags: "" });
		t.like(partitions.get(defaultFactoryLabel), { type: "data", subtype: "nvs", size: 0x6000, flags: "readonly" });
		t.true((partitions.get("factory")?.size ?? 0) >= 0x3e0000);
	});

	if (existsSync(join(folder, table, "sdkconfig")))
		test(`${table}: the SDK reads every line of its configuration`, (t) => {
			for (const [key, value] of options(table)) {
				t.regex(key, /^CONFIG_[A-Z0-9_]+$/);
				t.regex(value, /^(y|n|\d+|0x[0-9a-f]+)$/, key);
			}
		});
}

test("factory: what a board has stored already stays where the SDK's own table has it", (t) => {
	const sdk = findSdk();
	const own = read(join(folder, "factory", "partitions.csv"));
	if (sdk === undefined) {
		t.log("the SDK's own table was not checked: there is no SDK here");
		t.like(own[0], { name: "nvs", offset: 0x9000, size: 0x6000 });
		return;
	}
	const theirs = read(join(sdk.folder, "build", "devices", "esp32", "xsProj-esp32", "partitions.csv"));
	for (const { name, offset, size, type } of theirs)
		t.like(
			own.find((each) => each.name === name),
			{ offset, ...(type === "app" ? {} : { size }) },
			name,
		);
});

test("keys of NVS lie in flash only where the flash is encrypted", (t) => {
	for (const table of tables) {
		const keys = read(join(folder, table, "partitions.csv")).find(({ subtype }) => subtype === "nvs_keys");
		const isEncrypted = options(table).get("CONFIG_SECURE_FLASH_ENC_ENABLED") === "y";
		t.is(keys?.flags, isEncrypted ? "encrypted" : undefined, table);
		t.is(options(table).get("CONFIG_NVS_ENCRYPTION"), table === "factory" ? undefined : "y", table);
	}
});

test("every table of the ESP32 is checked", (t) => {
	const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
		path.endsWith("partitions.csv"),
	);
	t.deepEqual(found.sort(), tables.map((table) => join(table, "partitions.csv")).sort());
});
