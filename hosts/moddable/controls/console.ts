import { openVault } from "dynreg/credential-store/vault";
import { logged, read, report, tooLate, unknown } from "dynreg/local-control/console";
import type { BoardEvent, OrderTaker, StateReport } from "../../../modules/contracts/event.js";
import type { Clock, Crypto, Host, Storage } from "../../../modules/contracts/host.js";

/**
 * In a debug build, does what the debugger sends in a `script` element, which XS hands to a function of this name where
 * it was compiled with `xsbug_hooks` (SDK xs/sources/xsDebug.c). So commands come over the cable, and through the
 * connection, that the trace goes out by. There is no debugger in a release build, and no console.
 *
 * Says so in the trace: an engine that has no such function ends at a `script`.
 *
 * @returns the host, with a log that the console listens to
 */
export const openConsole = (host: Host, orders: OrderTaker): Host => {
	if (!debugging()) return host;
	const console = new Console(host, orders);
	(globalThis as Record<string, unknown>)["<xsbug:script>"] = (_: unknown, __: unknown, ___: unknown, text: string) =>
		console.obey(text);
	trace("dynreg: console\n");
	return { ...host, log: (event) => console.hear(event) };
};

class Console {
	/** Not the host itself, which would stay in memory beside the one that is made of it. */
	private readonly clock: Clock;
	private readonly crypto: Crypto;
	private readonly log: Host["log"];
	private readonly orders: OrderTaker;
	private readonly storage: Storage;
	private status = unknown;

	constructor({ clock, crypto, log, storage }: Host, orders: OrderTaker) {
		this.clock = clock;
		this.crypto = crypto;
		this.log = log;
		this.orders = orders;
		this.storage = storage;
	}

	hear(event: BoardEvent): void {
		this.status = logged(this.status, event, this.clock.ticks());
		this.log(event);
	}

	obey(text: string): void {
		const { state, order, say } = read(text, this.status);
		const ticks = this.clock.ticks();
		if (state) this.log({ event: "state", ...report(this.status, ticks, this.kept()) });
		if (say === undefined) return;
		this.log({ event: "answer", message: order === undefined || this.orders.give(order) ? say : tooLate });
	}

	/** What flash holds of this device's. */
	private kept(): Pick<StateReport, "credential" | "active"> {
		const { device } = this.status;
		if (device === undefined) return {};
		try {
			const record = openVault(this.storage, this.crypto, device).load();
			return record === undefined ? {} : { credential: record.credential.kind, active: record.active };
		} catch {
			// Boot says so by itself.
			return {};
		}
	}
}

/** In debugging.c. */
function debugging(this: unknown): boolean {
	return native("xs_dynreg_debugging").call(this) as boolean;
}
