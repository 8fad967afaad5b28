import { openVault } from "dynreg/credential-store/vault";
import { initialStatus, nextStatus, parseLine, sessionClosed, stateReport } from "dynreg/local-control/console-state";
import type { BoardEvent, CommandSink, StateReport } from "../../../modules/contracts/event.js";
import type { Clock, Crypto, Host, Storage } from "../../../modules/contracts/host.js";
import type { SetupControl } from "../../../modules/contracts/setup.js";

/**
 * In a debug build, executes commands that the debugger sends in a `script` element. XS passes these to a global function
 * if compiled with `xsbug_hooks` (SDK xs/sources/xsDebug.c). Commands therefore use the same cable and connection as the
 * trace. A release build has no debugger and no console.
 *
 * Announces itself in the trace, since an engine without the function stops at a `script`.
 *
 * @returns the host, with a log that the console observes
 */
export const openConsole = (host: Host, commands: CommandSink): Host => {
	if (!debugging()) return host;
	const console = new Console(host, commands);
	(globalThis as Record<string, unknown>)["<xsbug:script>"] = (_: unknown, __: unknown, ___: unknown, text: string) =>
		console.execute(text);
	trace("dynreg: console\n");
	return { ...host, log: (event) => console.record(event) };
};

class Console {
	/** Not the host itself, which would stay in memory beside the new one. */
	private readonly clock: Clock;
	private readonly crypto: Crypto;
	private readonly log: Host["log"];
	private readonly commands: CommandSink;
	private readonly storage: Storage;
	private readonly setup: SetupControl | undefined;
	private status = initialStatus;

	constructor({ clock, crypto, log, storage, setup }: Host, commands: CommandSink) {
		this.clock = clock;
		this.crypto = crypto;
		this.log = log;
		this.commands = commands;
		this.storage = storage;
		this.setup = setup;
	}

	record(event: BoardEvent): void {
		this.status = nextStatus(this.status, event, this.clock.ticks());
		this.log(event);
	}

	execute(text: string): void {
		const { state, command, response } = this.setup?.execute(text) ?? parseLine(text, this.status);
		const ticks = this.clock.ticks();
		if (state)
			this.log({
				event: "state",
				...stateReport(this.status, ticks, this.storedCredential()),
				network: this.setup?.state(),
			});
		if (response === undefined) return;
		this.log({
			event: "answer",
			message: command === undefined || this.commands.post(command) ? response : sessionClosed,
		});
	}

	/** The device's credential in flash. */
	private storedCredential(): Pick<StateReport, "credential" | "active"> {
		const { device } = this.status;
		if (device === undefined) return {};
		try {
			const record = openVault(this.storage, this.crypto, device).load();
			return record === undefined ? {} : { credential: record.credential.kind, active: record.active };
		} catch {
			// Boot reports this failure.
			return {};
		}
	}
}

/** In debugging.c. */
function debugging(this: unknown): boolean {
	return native("xs_dynreg_debugging").call(this) as boolean;
}
