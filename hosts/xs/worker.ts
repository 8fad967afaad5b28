import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Exit } from "@dynreg/node/internal/board";
import { NetstringReader, netstring } from "./netstring.js";

/** The engine's use of steps and memory since its start. */
export interface Meters {
	/** Steps of the engine. */
	readonly compute: number;
	/** Slots in use after the last command; a slot has 32 bytes on this engine, 16 on a microcontroller. */
	readonly heapCount: number;
	/** Bytes allocated by the engine, including a large initial reserve. */
	readonly allocated: number;
}

/** Sent by `xsnap-worker` before each result. */
interface MeterReport {
	readonly compute: number;
	readonly currentHeapCount: number;
	readonly allocate: number;
}

/**
 * A bare XS engine: one process of `xsnap-worker`, which the package `@agoric/xsnap`
 * builds. It reads commands on file descriptor 3 and writes on 4, as netstrings:
 *
 *     e…  evaluate this text                     .meters\1result  done, and the engine is idle
 *     ?…  call handleCommand with these bytes    !text            failed
 *     /…  the response to a query                ?…               a query: waits for its response
 *
 * One command at a time: the next is sent when the last is done.
 */
export class Worker {
	readonly exited: Promise<Exit>;

	readonly #process: ChildProcess;
	readonly #commands: Writable;
	readonly #onQuery: (query: Uint8Array) => Uint8Array;
	readonly #queue: Buffer[] = [];
	#busy = false;
	#killed = false;
	/** Its standard error, or the firmware's exception. */
	#message = "";
	readonly #idle: (() => void)[] = [];
	#meters: Meters = { compute: 0, heapCount: 0, allocated: 0 };

	/** @param answer responds to a query of the engine, which waits meanwhile */
	constructor(answer: (query: Uint8Array) => Uint8Array) {
		this.#onQuery = answer;
		this.#process = spawn(engineBinary(), ["dynreg"], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
		const [, , errors, commands, results] = this.#process.stdio as [null, null, Readable, Writable, Readable];
		this.#commands = commands;
		// It was killed or has failed: see `exit`.
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
				resolve({
					killed: false,
					message: `The XS engine cannot start (${error.message}). Install its package again: npm install @dynreg/xs`,
				}),
			);
			this.#process.once("close", (code, signal) => {
				const end = signal ? `ended by ${signal}` : `ended with code ${code}`;
				const message = this.#killed ? "" : this.#message.trim() || `The XS engine ${end}.`;
				this.#busy = false;
				this.#notifyIdle();
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

	/** Cuts the power: no code of the engine runs any more. */
	kill(): void {
		this.#killed = true;
		this.#process.kill("SIGKILL");
	}

	/** Resolves when the engine is idle or has ended. */
	async meters(): Promise<Meters> {
		if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
		return this.#meters;
	}

	#send(command: Buffer): void {
		this.#queue.push(command);
		this.#next();
	}

	#next(): void {
		if (this.#busy || this.#killed) return;
		const command = this.#queue.shift();
		if (command === undefined) {
			this.#notifyIdle();
			return;
		}
		this.#busy = true;
		this.#commands.write(command);
	}

	#notifyIdle(): void {
		for (const resolve of this.#idle.splice(0)) resolve();
	}

	#receive(message: Buffer): void {
		if (this.#killed) return;
		const kind = String.fromCharCode(message[0] ?? 0);
		const rest = message.subarray(1);
		switch (kind) {
			case "?":
				this.#commands.write(netstring(Buffer.from("/"), this.#onQuery(rest)));
				break;
			case ".":
				this.#measure(rest.toString("utf8", 0, rest.indexOf(1)));
				this.#busy = false;
				this.#next();
				break;
			default:
				// Code that throws out of a command has left the firmware in an unknown state.
				this.#message += `The firmware threw an exception: ${rest.toString()}`;
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
 * @param folder of the package
 * @throws Error with the fix if the engine was not built
 */
export function engineBinary(
	folder = dirname(createRequire(import.meta.url).resolve("@agoric/xsnap/package.json")),
): string {
	const platform = process.platform === "darwin" ? "mac" : "lin";
	const file = join(folder, "xsnap-native/xsnap/build/bin", platform, "release/xsnap-worker");
	if (!existsSync(file))
		throw new Error(
			"The XS engine is not built. Install a C compiler and make, then run npm rebuild @agoric/xsnap in a folder without a space in its path.",
		);
	return file;
}
