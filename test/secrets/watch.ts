/**
 * Watches over a test process, and over all processes that it starts, so that no test has to remember to: what
 * secrets there are, and what is printed. When the process ends and a secret stands in it, it ends with 1.
 *
 * Secrets are known from where they are used: `Secret.reveal` in the firmware and its hosts, what the local cloud
 * looks for before it writes an entry of its journal (so also what has been replaced since), and private keys that
 * are made. Printed is what the process and those below it write to their outputs, the simulator's traces, every
 * `Failure`, and the local cloud's journal, events and answers to its operator.
 *
 * `ava.config.js` loads it before each test file; `NODE_OPTIONS` loads it in the processes below.
 */

import childProcess, { type ChildProcess, type SpawnOptions } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { JournalEntry } from "@dynreg/cloud";
import { Administration } from "@dynreg/cloud/internal/admin/administration";
import { Router } from "@dynreg/cloud/internal/admin/router";
import { EventStream } from "@dynreg/cloud/internal/console/event-stream";
import { SecretIndex } from "@dynreg/cloud/internal/products/secret-index";
import { Journal, type NewJournalEntry } from "@dynreg/cloud/internal/server/journal";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { findLeaks } from "./leaks.js";

/** Where processes below leave what they know; absent in the one at the top. */
const above = process.env.DYNREG_WATCH;
const folder = above ?? mkdtempSync(join(tmpdir(), "dynreg-watch-"));
const secrets = new Set<string>();
const printed = new Set<string>();

/** Every secret so far that this process has used. */
export function knownSecrets(): readonly string[] {
	return [...secrets];
}

/** Something that a person may get to see. */
export function recordOutput(text: string): void {
	if (above === undefined) printed.add(text);
	else leave("printed", text);
}

function addSecret(secret: string): void {
	if (secrets.has(secret)) return;
	secrets.add(secret);
	if (above !== undefined) leave("secrets", secret);
}

/** At once: a process may be killed at any moment. */
function leave(kind: "printed" | "secrets", text: string): void {
	appendFileSync(join(folder, `${process.pid}.${kind}`), `${JSON.stringify(text)}\n`, { mode: 0o600 });
}

function left(kind: "printed" | "secrets"): string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(`.${kind}`))
		.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1))
		.map((line) => JSON.parse(line) as string);
}

/** A function in place of a method. */
function replace<Of extends object, Name extends keyof Of>(
	of: Of,
	name: Name,
	by: (original: Of[Name]) => Of[Name],
): void {
	of[name] = by(of[name]);
}

replace(
	Secret.prototype,
	"reveal",
	(reveal) =>
		function (this: Secret) {
			const secret = reveal.call(this);
			addSecret(secret);
			return secret;
		},
);

replace(
	SecretIndex.prototype,
	"add",
	(add) =>
		function (this: SecretIndex, secret) {
			addSecret(secret);
			add.call(this, secret);
		},
);

// Each kind of key has a prototype of its own, which only a key leads to.
replace(
	Object.getPrototypeOf(generateKeyPairSync("ed25519").privateKey) as KeyObject,
	"export",
	(exported) =>
		function (this: KeyObject, ...options: Parameters<typeof exported>) {
			const key: unknown = exported.apply(this, options);
			if (typeof key === "string" && key.includes("PRIVATE KEY-----"))
				addSecret(key.replace(/-----[^-]+-----|\s/g, ""));
			return key;
		} as typeof exported,
);

// `super` in `Failure` is whatever its prototype is at the time.
Object.setPrototypeOf(
	Failure,
	class extends Error {
		constructor(message: string, options?: ErrorOptions) {
			super(message, options);
			// Errors of other code are quoted as they are, and redacted where they are logged.
			queueMicrotask(() => {
				const { code, cause } = this as unknown as Failure;
				if (code !== "unexpected") recordOutput(`${message} ${String(cause)}`);
			});
		}
	},
);

if (above === undefined) {
	replace(
		Journal.prototype,
		"record",
		(record) =>
			function (this: Journal, entry: NewJournalEntry) {
				record.call(this, entry);
				recordOutput(JSON.stringify(this.entries().at(-1) as JournalEntry));
			},
	);
	for (const name of [
		"products",
		"product",
		"putProduct",
		"devices",
		"device",
		"putDevice",
		"resetDevice",
		"faults",
	] as const)
		replace(
			Administration.prototype as unknown as Record<string, (...given: unknown[]) => unknown>,
			name,
			(ask = () => undefined) =>
				function (this: Administration, ...given) {
					const answer = ask.apply(this, given);
					recordOutput(JSON.stringify(answer));
					return answer;
				},
		);
	replace(
		EventStream.prototype,
		"record",
		(record) =>
			function (this: EventStream, event) {
				record.call(this, event);
				recordOutput(JSON.stringify(event));
			},
	);
	replace(
		Router.prototype,
		"respond",
		(respond) =>
			async function (this: Router, request) {
				const response = await respond.call(this, request);
				// Who asks for a secret gets it.
				if (!/^\/products\/[^/]+\/[^/]+\/(secret|board)$/.test(request.path)) recordOutput(String(response.body));
				return response;
			},
	);
	for (const stream of [process.stdout, process.stderr])
		replace(
			stream,
			"write",
			(write) =>
				((text: string | Uint8Array, ...rest: []) => {
					recordOutput(Buffer.from(text as string).toString());
					return write.call(stream, text, ...rest);
				}) as typeof write,
		);
}

/** Outputs of processes below. */
const outputs = new WeakMap<object, { text: string }>();
const texts: { text: string }[] = [];

replace(
	Readable.prototype,
	"push",
	(push) =>
		function (this: Readable, chunk: unknown, encoding?: BufferEncoding) {
			const output = outputs.get(this);
			if (output && chunk !== null) output.text += Buffer.from(chunk as string);
			// What the simulator traces comes to its debugger.
			else if (chunk instanceof Buffer && chunk.includes("<log")) recordOutput(chunk.toString());
			return push.call(this, chunk, encoding);
		},
);

replace(
	childProcess,
	"spawn",
	(spawn) =>
		((command: string, args: readonly string[], options: SpawnOptions = {}) => {
			const stdio = Array.isArray(options.stdio) ? options.stdio : undefined;
			const inherits = stdio?.[2] === "inherit";
			const child: ChildProcess = spawn(command, args, {
				...options,
				...(inherits && { stdio: stdio.with(2, "pipe") }),
			});
			for (const stream of [child.stdout, child.stderr]) {
				if (!stream) continue;
				const output = { text: "" };
				outputs.set(stream, output);
				texts.push(output);
			}
			if (inherits) {
				child.stderr?.pipe(process.stderr, { end: false });
				// As before, it keeps nobody alive.
				(child.stderr as Socket).unref();
			}
			return child;
		}) as typeof spawn,
);
syncBuiltinESMExports();

if (above === undefined) {
	process.env.DYNREG_WATCH = folder;
	process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${import.meta.url}`.trim();
	process.on("exit", () => {
		const all = [...printed, ...texts.map(({ text }) => text), ...left("printed")];
		const found = findLeaks(all, [...secrets, ...left("secrets")]);
		rmSync(folder, { recursive: true, force: true });
		if (found.length === 0) return;
		// Synchronously: nothing else leaves a process that is ending.
		writeSync(2, `invariant 8 is broken:\n${found.slice(0, 20).join("\n")}\n`);
		process.exitCode = 1;
	});
} else
	process.on("exit", () => {
		for (const { text } of texts) recordOutput(text);
	});
