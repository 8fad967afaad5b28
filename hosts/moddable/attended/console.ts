import { logged, read, report, tooLate, unknown } from "dynreg/console";
import { openVault } from "dynreg/vault/vault";
import type { BoardEvent, Order, StateReport } from "../../../modules/contracts/event.js";
import type { Host } from "../../../modules/contracts/host.js";

/**
 * In a debug build, does what the debugger sends in a `script` element, which XS hands to a function of this name where
 * it was compiled with `xsbug_hooks` (SDK xs/sources/xsDebug.c). So commands come over the cable, and through the
 * connection, that the trace goes out by. There is no debugger in a release build, and no console.
 *
 * @returns the host, with a log that the console listens to
 */
export function openConsole(host: Host, give: (order: Order) => boolean): Host {
	if (!debugging()) return host;
	const { clock, log } = host;
	let status = unknown;
	const hear = (event: BoardEvent) => {
		status = logged(status, event, clock.ticks());
		log(event);
	};
	const obey = (line: string) => {
		const { state, order, say } = read(line, status);
		if (state) hear({ event: "state", ...report(status, clock.ticks(), kept(host, status.device)) });
		if (say !== undefined) log({ event: "answer", message: order === undefined || give(order) ? say : tooLate });
	};
	(globalThis as Record<string, unknown>)["<xsbug:script>"] = (_: unknown, __: unknown, ___: unknown, line: string) =>
		obey(line);
	return { ...host, log: hear };
}

/** What flash holds of this device's. */
function kept({ storage, crypto }: Host, device: string | undefined): Pick<StateReport, "credential" | "active"> {
	if (device === undefined) return {};
	try {
		const record = openVault(storage, crypto, device).load();
		return record === undefined ? {} : { credential: record.credential.kind, active: record.active };
	} catch {
		// Boot says so by itself.
		return {};
	}
}

/** In debugging.c. */
function debugging(this: unknown): boolean {
	return native("xs_dynreg_debugging").call(this) as boolean;
}
