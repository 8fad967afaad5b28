/** Types what a document says, in terminals. */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface PrintedOutput {
	readonly code: number | null;
	readonly text: string;
}

/** A command that goes on until it is interrupted, in a terminal of its own. */
interface Steady {
	readonly command: string;
	readonly process: ChildProcess;
	readonly ended: Promise<void>;
	text: string;
}

/** What such a command prints when one may go on; a build comes before a simulated board. */
function readyWhen(command: string): RegExp | undefined {
	if (/^npx dynreg cloud\b/.test(command)) return /The local cloud is ready/;
	const followsBoard = /^npx dynreg (sim|board)\b/.test(command);
	return followsBoard && !/ --(until|timeout|help)\b/.test(command) ? /\bonline\b.*\n/ : undefined;
}

const patience = 240_000;

export class DocumentReader {
	folder: string;
	readonly #ports: ReadonlyMap<string, number>;
	readonly #steady: Steady[] = [];

	/** @param ports that the documents name, and free ones in their place */
	constructor(folder: string, ports: ReadonlyMap<string, number>) {
		this.folder = folder;
		this.#ports = ports;
	}

	/** A text of the document with this reader's ports. */
	here(text: string): string {
		return text.replaceAll(/\b\d{4}\b/g, (port) => String(this.#ports.get(port) ?? port));
	}

	/** @returns undefined for a command that now runs in a terminal of its own */
	async type(command: string): Promise<PrintedOutput | undefined> {
		const typed = this.here(command);
		const ready = readyWhen(command);
		if (ready) {
			await this.#begin(typed, ready);
			return undefined;
		}
		// A shell that ends says where it is, for the next one to begin there.
		const child = this.#shell(`${typed}\ncode=$?; pwd >&3; exit $code`);
		let text = "";
		let folder = "";
		for (const stream of [child.stdout, child.stderr])
			stream?.on("data", (bytes: Buffer) => {
				text += bytes;
			});
		(child.stdio[3] as NodeJS.ReadableStream).on("data", (bytes: Buffer) => {
			folder += bytes;
		});
		const timer = setTimeout(() => end(child, "SIGKILL"), patience);
		const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
		clearTimeout(timer);
		if (folder.trim() !== "") this.folder = folder.trim();
		return { code, text };
	}

	/** Ctrl-C in all other terminals. @returns what they have printed */
	async leave(): Promise<string> {
		for (const { process, ended } of this.#steady.toReversed()) {
			end(process, "SIGINT");
			await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
			end(process, "SIGKILL");
			await ended;
		}
		return this.#steady
			.splice(0)
			.map(({ text }) => text)
			.join("\n");
	}

	async #begin(command: string, ready: RegExp): Promise<void> {
		const process = this.#shell(command);
		const steady: Steady = {
			command,
			process,
			ended: new Promise((resolve) => process.once("close", () => resolve())),
			text: "",
		};
		this.#steady.push(steady);
		await new Promise<void>((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`${command} is not ready: ${steady.text}`)), patience);
			const hear = (bytes: Buffer) => {
				steady.text += bytes;
				if (!ready.test(steady.text)) return;
				clearTimeout(timer);
				resolve();
			};
			process.stdout?.on("data", hear);
			process.stderr?.on("data", hear);
			process.once("close", () => {
				clearTimeout(timer);
				reject(new Error(`${command} has ended: ${steady.text}`));
			});
		});
	}

	#shell(script: string): ChildProcess {
		return spawn("bash", ["-c", script], {
			cwd: this.folder,
			// A group of its own, which a terminal would interrupt as a whole.
			detached: true,
			stdio: ["ignore", "pipe", "pipe", "pipe"],
			env: {
				...process.env,
				NO_COLOR: "1",
				DYNREG_ADMIN: `http://127.0.0.1:${this.#ports.get("8480")}`,
				// dynreg is linked as it is: other tests are using its build.
				npm_config_ignore_scripts: "true",
				npm_config_audit: "false",
				npm_config_fund: "false",
				npm_config_update_notifier: "false",
			},
		});
	}
}

function end({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
	if (pid === undefined || exitCode !== null || signalCode !== null) return;
	try {
		process.kill(-pid, signal);
	} catch {
		// Gone between the look and the kill.
	}
}

/** Free ports in place of those that the documents name. */
export async function freePorts(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
	const servers = names.map(() => createServer());
	const ports = await Promise.all(
		servers.map(
			(server) =>
				new Promise<number>((resolve) =>
					server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
				),
		),
	);
	for (const server of servers) server.close();
	return new Map(names.map((name, index) => [name, ports[index] as number]));
}
