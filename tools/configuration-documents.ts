/** Writes what is known of a configuration's keys: tables for docs/reference/configuration.md, and types for applications. */

import { cloudProfiles } from "dynreg/clouds/profiles";
import { type CloudName, cloudNames, everyKey, formerNamesEnd, sharedKeys } from "dynreg/clouds/schemas";
import { factoryName, type Key, type Rule, ruleInWords, type Schema } from "dynreg/configuration/schema";

/** A table in Markdown. */
export function keyTable(schema: Schema): string {
	const rows = Object.entries(schema).map(([name, key]) => {
		return `| \`${name}\` | ${where(key)}${key.text} | ${values(key.rule)} | ${defaultOf(key)} |`;
	});
	return ["| key | meaning | values | default |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** All tables of docs/reference/configuration.md, by the name of the place that each goes to. */
export function keyTables(): ReadonlyMap<string, string> {
	return new Map([
		["shared", keyTable(sharedKeys)],
		...cloudNames.map((name) => [name, keyTable(cloudProfiles[name].keys)] as const),
	]);
}

function where({ only }: Key): string {
	return only === undefined ? "" : `${only} only. `;
}

function values(rule: Rule): string {
	switch (rule.kind) {
		case "choice":
			return rule.of.map((each) => `\`${each}\``).join(", ");
		case "text":
			return ruleInWords(rule)
				.replace(/a-z A-Z 0-9 [^,]*/, "`$&`")
				.replace(/(?<=not )\w+/, "`$&`");
		case "number":
			return `${rule.min} to ${rule.max}${rule.none ? ", `none`" : ""}`;
		case "switch":
			return "`true`, `false`";
		default:
			return ruleInWords(rule).replace(/\w+:\/\/host(:port)?|\bhost(:port)?\b|\{.*\}/g, "`$&`");
	}
}

function defaultOf(key: Key): string {
	if (key.required) return key.unless === undefined ? "required" : `required without \`${key.unless}\``;
	return key.defaultText ?? (key.default === undefined ? "" : `\`${key.default}\``);
}

/** The names in the factory partition, for docs/guides/factory.md. */
export function factoryTable(): string {
	const keys = Object.entries(everyKey);
	const named = keys.filter(([name, key]) => factoryName(name, key) !== undefined);
	const rows = [
		["product", keys.filter(([name, key]) => key.of === "product" && factoryName(name, key) === name)],
		["others", named.filter(([name, key]) => key.of !== "product" && factoryName(name, key) === name)],
	] as const;
	return [
		"| | name in the partition | key of the configuration |",
		"| --- | --- | --- |",
		...rows.map(([what, of]) => `| ${what} | ${of.map(([name]) => `\`${name}\``).join(" ")} | the same |`),
		...named
			.filter(([name, key]) => factoryName(name, key) !== name)
			.map(([name, key]) => `| | \`${factoryName(name, key)}\` | \`${name}\` |`),
	].join("\n");
}

/** Where the types go, in the project. */
export const typesFile = "modules/contracts/configuration.ts";

/** The types of a configuration, for applications. */
export function configurationTypes(): string {
	const names = cloudNames.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}Configuration`);
	return [
		"/** Written by `npm run docs` from the schemas (`modules/configuration/schema.ts`). Do not edit. */",
		typeOf("SharedConfiguration", "Keys of every cloud.", "", without(sharedKeys, "cloud")),
		...cloudNames.map((name, index) =>
			typeOf(
				names[index] as string,
				`A device's configuration for ${cloudProfiles[name].title}.`,
				"SharedConfiguration & ",
				{ cloud: cloudKey(name), ...cloudProfiles[name].keys },
			),
		),
		`/** A device's configuration, checked by the compiler where an application writes one. */\nexport type Configuration =${union(names)};\n`,
	].join("\n\n");
}

/** As the formatter wants it behind "export type Configuration =". */
function union(names: readonly string[]): string {
	const line = ` ${names.join(" | ")}`;
	return line.length <= 92 ? line : names.map((name) => `\n\t| ${name}`).join("");
}

/** Where the names of a product's values in a factory partition go, in the project. */
export const factoryNamesFile = "modules/configuration/factory-names.ts";

/** The names of a product's values in a factory partition, former ones too. */
export function factoryNamesSource(): string {
	const names = Object.entries(everyKey).flatMap(([key, schema]) => {
		const { of, former } = schema;
		return of === "product" ? [...(former === undefined ? [] : [former]), factoryName(key, schema) as string] : [];
	});
	return [
		"/** Written by `npm run docs` from the schemas (`modules/configuration/schema.ts`). Do not edit. */",
		`/** The names of a product's values: a partition with any of them replaces all of them. */\nexport const productNames =\n\t"${names.join(" ")}";\n`,
	].join("\n\n");
}

/** The key `cloud` where it has this value; only the default one may be left out. */
function cloudKey(name: CloudName): Key {
	const key: Key = { ...(sharedKeys.cloud as Key), rule: { kind: "choice", of: [name] } };
	return name === cloudNames[0] ? key : { ...key, required: true };
}

function without(schema: Schema, name: string): Schema {
	return Object.fromEntries(Object.entries(schema).filter(([each]) => each !== name));
}

function typeOf(name: string, text: string, base: string, schema: Schema): string {
	const properties = Object.entries(schema)
		.filter(([, { only }]) => only !== "Desktop commands")
		.flatMap(([key, each]) => {
			const optional = each.required && !each.unless ? "" : "?";
			const shown = /^\w+$/.test(key) ? key : JSON.stringify(key);
			const property = `\t/** ${comment(each)} */\n${declaration(`${shown}${optional}`, type(each.rule))}`;
			return each.former === undefined ? [property] : [property, formerProperty(key, each, each.former)];
		});
	return `/** ${text} */\nexport type ${name} = ${base}{\n${properties.join("\n")}\n};`;
}

/** As the formatter wants it: a line holds 120 columns, of which a tab takes two. */
function declaration(name: string, type: string): string {
	const line = `readonly ${name}: ${type};`;
	if (line.length <= 118) return `\t${line}`;
	return [`\treadonly ${name}:`, ...type.split(" | ").map((each) => `\t\t| ${each}`)].join("\n").concat(";");
}

function formerProperty(key: string, { rule, formerValues }: Key, former: string): string {
	const values: Rule = formerValues === undefined ? rule : { kind: "choice", of: Object.keys(formerValues) };
	return `\t/** @deprecated The former name of \`${key}\`. Not read from version ${formerNamesEnd} on. */\n\treadonly ${former}?: ${type(values)};`;
}

/** Keys whose names have changed, for docs/reference/configuration.md. */
export function formerTable(): string {
	const rows = Object.entries(everyKey).flatMap(([name, { former, formerValues = {} }]) => {
		if (former === undefined) return [];
		const [[before, now] = []] = Object.entries(formerValues);
		return [
			before === undefined
				? `| \`${former}\` | \`${name}\` |`
				: `| \`"${former}": "${before}"\` | \`"${name}": "${now}"\` |`,
		];
	});
	return ["| former name | name |", "| --- | --- |", ...rows].join("\n");
}

/** Links lead somewhere in `docs/` only. */
function comment(key: Key): string {
	const isPlain = ["choice", "switch", "words", "endpoints"].includes(key.rule.kind);
	const rule = isPlain ? "" : ` Expected ${ruleInWords(key.rule)}.`;
	const otherwise = key.required ? "" : defaultOf(key);
	const text = `${key.text}${rule}${otherwise && ` Default: ${otherwise}.`}`;
	return `${where(key)}${text}`.replace(/ \(\[[^\]]*\]\([^)]*\)\)/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

function type(rule: Rule): string {
	switch (rule.kind) {
		case "choice":
			return rule.of.map((each) => JSON.stringify(each)).join(" | ");
		case "number":
			// The command line of mcconfig makes text of numbers.
			return `number | \`\${number}\`${rule.none ? ' | "none"' : ""}`;
		case "switch":
			return 'boolean | "true" | "false"';
		case "endpoint":
			return [rule.scheme, ...(rule.or === undefined ? [] : [rule.or.scheme])]
				.flatMap((scheme) => [scheme, scheme.slice(0, -1)])
				.map(addressType)
				.join(" | ");
		case "web-server":
			return addressType("http");
		case "servers":
		case "authorities":
			return "string | readonly string[]";
		case "endpoints":
			return "{ readonly register?: string; readonly mqtt?: string }";
		default:
			return "string";
	}
}

function addressType(scheme: string): string {
	return `\`${scheme}://\${string}\``;
}
