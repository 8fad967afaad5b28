import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Exit } from "@dynreg/node/internal/board";
import { NetstringReader, netstring } from "./netstring.js";

/** What the engine has used since it was started. */
export interface Meters {
	/** Steps of the engine. */
	readonly compute: number;
	/** Slots in use after the last command; a slot has 32 bytes on this engine, 16 on a microcontroller. */
	readonly heapCount: number;
	/** Bytes that the engine holds in all; it begins with a large reserve of its own. */
	readonly allocated: number;
}

/** What `xsnap-worker` sends ahead of each result. */
interface MeterReport {
	readonly compute: number;
	readonly currentHeapCount: number;
	readonly allocate: number;
}

/**
 * A bare XS engine: one process of `xsnap-worker`, which the package `@agoric/xsnap`
 * builds. It reads commands on file descriptor 3 and writes on 4, as netstrings:
 *
 *     e…  evaluate this text                     .meters\1result  done, and nothing is left to do
 *     ?…  call handleCommand with these bytes    !text            failed
 *     /…  the answer to a query                  ?…               a query: waits for its answer
 *
 * One command at a time: the next is sent when the last is done.
 */
export class Worker {
	readonly exited: Promise<Exit>;

	readonly #process: ChildProcess;
	readonly #commands: Writable;
	readonly #answer: (query: Uint8Array) => Uint8Array;
	readonly #waiting: Buffer[] = [];
	#busy = false;
	#killed = false;
	/** What it said on its standard error, or what the firmware threw. */
	#message = "";
	readonly #idle: (() => void)[] = [];
	#meters: Meters = { compute: 0, heapCount: 0, allocated: 0 };

	/** @param answer answers a query of the code in the engine, which stands still meanwhile */
	constructor(answer: (query: Uint8Array) => Uint8Array) {
		this.#answer = answer;
		this.#process = spawn(binary(), ["dynreg"], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
		const [, , errors, commands, results] = this.#process.stdio as [null, null, Readable, Writable, Readable];
		this.#commands = commands;
		// It has been killed, or has failed: `exit` tells.
		commands.on("error", () => {});
		errors.on("data", (text: Buffer) => {
			this.#message += text.toString();
		});
		const reader = new NetstringReader();
		results.on("data", (bytes: Buffer) => {
			for (const message of reader.read(bytes)) this.#receive(message);
		});
		this.exited = new Promise((resolve) => {
			this.#process.once("error", (error) =>
				resolve({ killed: false, message: `The XS engine cannot be started (${error.message}). Run npm ci again.` }),
			);
			this.#process.once("close", (code, signal) => {
				const end = signal ? `ended by ${signal}` : `ended with code ${code}`;
				const message = this.#killed ? "" : this.#message.trim() || `The XS engine ${end}.`;
				this.#busy = false;
				this.#rest();
				resolve({ killed: this.#killed, message });
			});
		});
	}

	evaluate(code: string): void {
		this.#send(netstring(Buffer.from("e"), Buffer.from(code)));
	}

	/** Calls `handleCommand` in the engine. */
	command(bytes: Uint8Array): void {
		this.#send(netstring(Buffer.from("?"), bytes));
	}

	/** Power off: no code of the engine runs any more, not even to say goodbye. */
	kill(): void {
		this.#killed = true;
		this.#process.kill("SIGKILL");
	}

	/** Known once the engine has nothing to do any more, or is gone. */
	async meters(): Promise<Meters> {
		if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
		return this.#meters;
	}

	#send(command: Buffer): void {
		this.#waiting.push(command);
		this.#next();
	}

	#next(): void {
		if (this.#busy || this.#killed) return;
		const command = this.#waiting.shift();
		if (command === undefined) {
			this.#rest();
			return;
		}
		this.#busy = true;
		this.#commands.write(command);
	}

	#rest(): void {
		for (const resolve of this.#idle.splice(0)) resolve();
	}

	#receive(message: Buffer): void {
		if (this.#killed) return;
		const kind = String.fromCharCode(message[0] ?? 0);
		const rest = message.subarray(1);
		switch (kind) {
			case "?":
				this.#commands.write(netstring(Buffer.from("/"), this.#answer(rest)));
				break;
			case ".":
				this.#measure(rest.toString("utf8", 0, rest.indexOf(1)));
				this.#busy = false;
				this.#next();
				break;
			default:
				// Code that throws out of a command has left the firmware in an unknown state.
				this.#message += `The firmware threw: ${rest.toString()}`;
				this.#process.kill("SIGKILL");
		}
	}

	#measure(report: string): void {
		const { compute, currentHeapCount, allocate }: MeterReport = JSON.parse(report);
		this.#meters = { compute: this.#meters.compute + compute, heapCount: currentHeapCount, allocated: allocate };
	}
}

/**
 * The engine's program.
 *
 * @param folder of the package that brings it
 * @throws Error that says what to do when it has not been built
 */
export function binary(folder = dirname(createRequire(import.meta.url).resolve("@agoric/xsnap/package.json"))): string {
	const platform = process.platform === "darwin" ? "mac" : "lin";
	const file = join(folder, "xsnap-native/xsnap/build/bin", platform, "release/xsnap-worker");
	if (!existsSync(file))
		throw new Error(
			"The XS engine has not been built. It is compiled when @agoric/xsnap is installed: have a C compiler and make, then npm rebuild @agoric/xsnap.",
		);
	return file;
}
